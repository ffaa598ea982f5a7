export const handler = async () => ({ name: "drain-integration" });
