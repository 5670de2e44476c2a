/** Runs act while no other tab does, where the browser lets us know. */
export async function locked<T>(name: string, act: () => Promise<T>): Promise<T> {
  let began = false;
  try {
    return await navigator.locks.request(name, () => {
      began = true;
      return act();
    });
  } catch (err) {
    if (began) throw err;
    return act(); // no locks here: the server tells doubles anyway
  }
}
