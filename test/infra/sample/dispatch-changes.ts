export const handler = async () => ({ name: "dispatch-changes" });
