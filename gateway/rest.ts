// placeholder until the rest slice lands
export function createRest(_services: unknown) { return (_request: Request) => new Response(null, { status: 501 }) }
