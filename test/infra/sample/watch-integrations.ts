export const handler = async () => ({ name: "watch-integrations" });
