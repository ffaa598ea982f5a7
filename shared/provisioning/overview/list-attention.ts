import { decodeCursor, encodeCursor, type Page, type PageOf, pageOf } from "../../common/cursor.ts";
import { fillPage } from "../../common/fill-page.ts";
import { type Attention, type AttentionKind, attentionKinds } from "../../model/attention.ts";
import type { Ports } from "../ports/ports.ts";
import type { Concern } from "./concern.ts";
import { concernsOf } from "./concerns.ts";
import { showConcerns } from "./show-concerns.ts";

type Asked = Page & { kind?: AttentionKind; integrationId?: string };

/**
 * All that needs a person, the worst first: by kind, and then the oldest. Of deleted integrations nothing. Each page looks
 * anew, and goes on behind the last one shown.
 */
export const listAttention = async (
  ports: Ports,
  { kind, integrationId, ...page }: Asked,
): Promise<PageOf<Attention>> => {
  const integrations = (await ports.integrations.all())
    .flatMap(({ integration }) => (integration ? [integration] : []))
    .filter(({ status }) => status !== "deleted")
    .filter((integration) => integrationId === undefined || integration.integrationId === integrationId);
  const kinds = kind ? [kind] : attentionKinds;
  const found = new Map<AttentionKind, Promise<Concern[]>>();
  const inOrder = async (one: AttentionKind): Promise<Concern[]> => {
    const concerns = await concernsOf(ports, one, integrations);
    return concerns.toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
  };
  const ofKind = (one: AttentionKind): Promise<Concern[]> => {
    const known = found.get(one) ?? inOrder(one);
    found.set(one, known);
    return known;
  };
  return fillPage(page, {
    read: async ({ limit, cursor }) => {
      const after = decodeCursor(list, cursor, place) ?? "";
      const rows: Concern[] = [];
      for (const one of kinds) {
        if (rows.length > limit) break;
        if (`${rankOf(one)}$` < after) continue;
        rows.push(...(await ofKind(one)).filter((concern) => placeOf(concern) > after));
      }
      return pageOf(rows, limit, cursorAt);
    },
    show: (rows) => showConcerns(ports, rows),
    cursorAt,
    isFiltered: true,
    now: () => ports.clock.now(),
  });
};

const list = "attention";
const rankOf = (kind: AttentionKind): number => attentionKinds.indexOf(kind);
/** As text, places are in the order of the list. */
const placeOf = ({ kind, integration, since, about, shown }: Concern): string => {
  const what = about ? `${about.kind}#${about.id}` : `#${shown?.holdId ?? ""}`;
  return `${rankOf(kind)}#${String(since).padStart(15, "0")}#${integration.integrationId}#${what}`;
};
const place = /^\d#\d{15}#[A-Za-z0-9-]{1,64}#(user|group|)#[A-Za-z0-9._@:+-]{0,128}$/;
const cursorAt = (concern: Concern): string => encodeCursor(list, placeOf(concern));
