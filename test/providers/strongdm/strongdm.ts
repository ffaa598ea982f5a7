import { hasBearer, type InnerProvider, startFront } from "../front.ts";
import type { ProviderOptions, TestProvider } from "../provider.ts";
import { errorAnswer, Refusal } from "./errors.ts";
import { route } from "./routes.ts";
import { createStore, migrateRoles, showUser, userNameOf } from "./store.ts";

const BASE_PATH = "/provisioning/generic/v2";

type StrongDmOptions = ProviderOptions & {
  /**
   * Which version of the library strongDM runs is unknown. "2025" (the default) sends no `Location` with 201 and
   * `Resources: null` for no hits; "2026" sends `Location` and `Resources: []`.
   */
  mode?: "2025" | "2026" | undefined;
  /**
   * The library refuses a PATCH without a path that nests an extension under its URN; whether strongDM does is unknown.
   */
  takesNestedExtensions?: boolean | undefined;
};

export type StrongDm = TestProvider & {
  /** Users and roles that strongDM would now mark as managed: all that a request created, returned or named. */
  managedIds(): Set<string>;
  /** The tenant turns its roles into groups, as strongDM's `Groups.CreateFromRoles` does. */
  migrate(): void;
};

type StrongDmInner = InnerProvider & Pick<StrongDm, "managedIds" | "migrate">;

/** The same provider as a function, without a server. `token` is asked at each request, `newHex` for each id. */
export function createStrongDm(
  mode: "2025" | "2026",
  {
    token,
    newHex,
    takesNestedExtensions,
  }: { token: () => string; newHex?: () => string } & Pick<StrongDmOptions, "takesNestedExtensions">,
): StrongDmInner {
  const store = createStore(newHex, takesNestedExtensions);
  return {
    handle(request) {
      try {
        if (!hasBearer(request, token())) throw new Refusal(401, "Unauthorized");
        return route(store, request, mode);
      } catch (error) {
        if (error instanceof Refusal) return errorAnswer(error);
        throw error;
      }
    },
    users: () =>
      [...store.users.values()].map((user) => ({
        id: user.id,
        userName: userNameOf(user),
        active: user.attributes.active === true,
        resource: structuredClone(showUser(store, user)),
      })),
    groups: () =>
      [...store.roles.values()].map((role) => ({
        id: role.id,
        displayName: role.displayName,
        members: [...role.members],
      })),
    managedIds: () => new Set(store.managed),
    migrate: () => migrateRoles(store),
  };
}

/**
 * A strongDM-like service provider. Its answers follow strongDM's reference pages and, where those are
 * silent, github.com/elimity-com/scim, which it very probably runs. What no source tells and is chosen here:
 * the 401 body, the error of a remove in another form (invalidPath), the text for a blank e-mail in an update,
 * that DELETE removes the account, and what SCIM shows once roles have become groups.
 */
export async function startStrongDm(options: StrongDmOptions = {}): Promise<StrongDm> {
  let inner: StrongDmInner | undefined;
  const front = await startFront(BASE_PATH, options, ({ token }) => {
    inner = createStrongDm(options.mode ?? "2025", {
      token,
      takesNestedExtensions: options.takesNestedExtensions,
    });
    return inner;
  });
  // Not a spread: `token` is a getter and `intercept` is set from outside.
  return Object.assign(front, {
    managedIds: () => inner?.managedIds() ?? new Set<string>(),
    migrate: () => inner?.migrate(),
  });
}
