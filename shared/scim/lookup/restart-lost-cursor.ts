import { ProviderFailure } from "../../provisioning/ports/provider-failure.ts";

/** A cursor may end before its list does (RFC 9865 §2): then `read` begins once more. */
export const restartLostCursor = async <T>(read: () => Promise<T>): Promise<T> => {
  try {
    return await read();
  } catch (error) {
    if (!isLostCursor(error)) throw error;
  }
  try {
    return await read();
  } catch (error) {
    throw isLostCursor(error) ? lostTwice(error) : error;
  }
};

const isLostCursor = (error: unknown): error is ProviderFailure =>
  error instanceof ProviderFailure && /^(expired|invalid)cursor$/i.test(error.scimType ?? "");

const lostTwice = (failure: ProviderFailure): ProviderFailure =>
  failure.copyWith({
    kind: "rejected",
    message: `${failure.message} twice: its cursors end before the list does`,
  });
