/**
 * A small shop for the tests of pages: an order that is paid at a bank, and runs
 * that wait for each thing that a run may wait for.
 *
 * @module
 */

/** The bank refuses this card, and no other. */
export const REFUSED_CARD = "0000";

/** A bank that runs. Returns its address. */
export function startBank(): string {
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    async (request) => {
      const { card } = await request.json();
      return card === REFUSED_CARD
        ? new Response("The bank is closed", { status: 503 })
        : Response.json({ payment: "pay-1" });
    },
  );
  Deno.test.afterAll(() => server.shutdown());
  return `http://127.0.0.1:${server.addr.port}`;
}

/** The document of the shop. */
export function shopDocument(bank: string): string {
  return `pipelines:
  order:
    description: Checks, pays and sends one order
    input: { order: string, amount: number, card: string, items: list }
    key: input.order
    steps:
      - id: validate
        use: set
        with: { values: { total: "\${{ input.amount * 1.2 }}" } }
      - id: checks
        parallel:
          stock:
            - id: reserve
              forEach: input.items
              as: item
              steps:
                - { id: pick, use: set, with: { values: { picked: "\${{ item }}" } } }
            - { id: told, use: log, with: { message: "Picked \${{ input.order }}" } }
          fraud:
            - { id: score, use: set, with: { values: { score: 12 } } }
      - id: pay
        use: http.request
        with:
          method: POST
          url: ${bank}/payments
          allowPrivateIPs: true
          body: { card: "\${{ input.card }}", amount: "\${{ steps.validate.output.total }}" }
        retry: { attempts: 3, backoff: 150ms, jitter: 0 }
      - id: send
        switch:
          - when: input.amount > 100.0
            steps:
              - { id: courier, use: set, with: { values: { by: courier } } }
          - steps:
              - { id: letter, use: set, with: { values: { by: letter } } }
      - id: thank
        use: log
        with: { message: "Order \${{ input.order }} is on its way" }
    onError:
      - { id: sorry, use: log, with: { level: warn, message: "Order failed: \${{ error.message }}" } }
    output: { order: "\${{ input.order }}", by: "\${{ steps.send.output.by }}" }
  refund:
    input: { amount: number }
    key: string(input.amount)
    steps:
      - { id: look, use: set, with: { values: { amount: "\${{ input.amount }}" } } }
      - { id: decide, wait: { approval: { title: "Refund \${{ input.amount }}?" }, timeout: 1h } }
      - { id: done, use: set, with: { values: { approved: "\${{ steps.decide.output.approved }}" } } }
  delivery:
    steps:
      - { id: pack, use: set, with: { values: { packed: true } } }
      - { id: fetched, wait: { signal: fetched, timeout: 1h } }
      - { id: close, use: set, with: { values: { by: "\${{ steps.fetched.output.by }}" } } }
  reminder:
    steps:
      - { id: pause, wait: { for: 2h } }
`;
}

/** An order that can be paid. */
export const ORDER = {
  order: "ord-1",
  amount: 120,
  card: "4242",
  items: ["tea", "cup"],
} as const;
