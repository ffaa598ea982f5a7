export const handler = async () => ({ name: "scim" });
