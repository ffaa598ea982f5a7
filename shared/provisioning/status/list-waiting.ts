import { encodeCursor, type Page, type PageOf } from "../../common/cursor.ts";
import { fillPage } from "../../common/fill-page.ts";
import { type WaitingState, waitingStates } from "../../model/work.ts";
import { waitingList } from "../ports/list-names.ts";
import type { Ports } from "../ports/ports.ts";

export const isWaitingState = (state: string | undefined): state is WaitingState =>
  waitingStates.some((one) => one === state);

/**
 * Links that wait in that state, by the index of them alone: whose access is to end first, then the earliest due. `show`
 * reads each link, since the index lags behind. A link that is tried between two pages may be shown on both, or on none.
 */
export const listWaiting = <T>(
  ports: Ports,
  of: { integrationId: string; kind: "user" | "group"; state: WaitingState },
  page: Page,
  show: (ids: string[]) => Promise<(T | undefined)[]>,
): Promise<PageOf<T>> =>
  fillPage(page, {
    read: (part) => ports.work.list(of, part),
    show: (rows) => show(rows.map(({ id }) => id)),
    cursorAt: ({ place }) => encodeCursor(waitingList(of), place),
    isFiltered: true,
    now: () => ports.clock.now(),
  });
