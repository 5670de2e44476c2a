/** What public/start.js asked for before the program was there: answers by address, and when. */
interface Asked {
  at: number;
  answers: Map<string, Promise<Response>>;
}

declare global {
  var oknoAsked: Asked | undefined;
}

/** For the first screen only: what nobody took by then is too old to be shown. */
const fresh = 10_000;

/** The answer to a question that was asked early, once. */
export function takeAsked(address: string): Promise<Response> | undefined {
  const asked = globalThis.oknoAsked;
  if (!asked || Date.now() - asked.at > fresh) return undefined;
  const answer = asked.answers.get(address);
  asked.answers.delete(address);
  return answer;
}
