export const automaticCost = async (): Promise<void> => undefined;
