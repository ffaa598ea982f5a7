export const handler = async () => ({ name: "pause-restored" });
