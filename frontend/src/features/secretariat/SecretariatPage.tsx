export function SecretariatPage() { return null; }
