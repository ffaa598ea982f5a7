export const handler = async () => ({ name: "report-tampering" });
