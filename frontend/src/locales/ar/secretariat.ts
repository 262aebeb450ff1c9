export const secretariat = {};
