export const handler = async () => ({ name: "adopt-table" });
