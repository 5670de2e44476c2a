import type { Target } from '@/api/types';

/** The rest of the customer's window as 23:41 (hours and minutes). */
export function windowLeft(target: Target, now: number): { ms: number; text: string } | undefined {
  if (!target.window_until) return undefined;
  const ms = Date.parse(target.window_until) - now;
  if (!(ms > 0)) return undefined;
  const minutes = Math.floor(ms / 60_000);
  return { ms, text: `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}` };
}

/** Once the window is over, only a template may go out. */
export function templateOnly(target: Target | undefined, now: number): boolean {
  if (!target) return false;
  if (target.template_only) return true;
  return !!target.window_until && Date.parse(target.window_until) <= now;
}

/** The one last chosen (a draft's), the server's default, else the first that is open. */
export function choose(
  targets: Target[],
  wanted: { channel_id?: string; chat_id?: string } | undefined,
): Target | undefined {
  const open = targets.filter((x) => x.available);
  const same = (x: Target) =>
    x.channel_id === wanted?.channel_id && (!wanted?.chat_id || x.chat_id === wanted.chat_id);
  return (wanted?.channel_id ? open.find(same) : undefined) ?? open.find((x) => x.default) ?? open[0];
}
