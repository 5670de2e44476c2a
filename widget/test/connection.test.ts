import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Line, type LineDeps, type SocketLike } from '../src/core/connection';
import { type Batch, Problem } from '../src/core/types';

class FakeSocket implements SocketLike {
  onopen: (() => void) | null = null;
  onmessage: ((e: { data: string }) => void) | null = null;
  onclose: ((e: { code: number }) => void) | null = null;
  sent: string[] = [];
  closed = false;
  send(data: string): void {
    this.sent.push(data);
  }
  close(): void {
    this.closed = true;
  }
  says(frame: unknown): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
}

const news = (entries: Batch['entries'] = []): Batch => ({ type: 'batch', entries, more: false, read: 0, delivered: 0, agent_read: 0 });

let sockets: FakeSocket[];
let states: string[];
let batches: Batch[];
let polls: { after: number; wait: number }[];
let gone: number;
let seq: number;
let answer: () => Promise<Batch>;

function line(more: Partial<LineDeps> = {}): Line {
  return new Line({
    socket: () => {
      const s = new FakeSocket();
      sockets.push(s);
      return s;
    },
    poll: (after, wait) => {
      polls.push({ after, wait });
      return answer();
    },
    token: () => 'token',
    seq: () => seq,
    batch: (b) => void batches.push(b),
    activity: () => {},
    state: (s) => void states.push(s),
    gone: () => void gone++,
    random: () => 0.5,
    ...more,
  });
}

const last = () => sockets[sockets.length - 1] as FakeSocket;

beforeEach(() => {
  vi.useFakeTimers();
  [sockets, states, batches, polls, gone, seq] = [[], [], [], [], 0, 0];
  answer = () => new Promise(() => {});
});
afterEach(() => vi.useRealTimers());

describe('line', () => {
  it('says who it is and where to resume', () => {
    seq = 41;
    const l = line();
    l.start();
    last().onopen?.();
    expect(JSON.parse(last().sent[0] ?? '')).toEqual({ type: 'hello', token: 'token', after: 41 });
    expect(l.send({ type: 'typing' })).toBe(false); // nobody listens yet
    last().says(news());
    expect(l.send({ type: 'typing' })).toBe(true);
    expect(states.at(-1)).toBe('live');
  });

  it('comes back after a loss, resuming from the newest seq', () => {
    line().start();
    last().says(news());
    seq = 7;
    last().onclose?.({ code: 1006 });
    expect(states.at(-1)).toBe('lost');
    vi.advanceTimersByTime(499);
    expect(sockets.length).toBe(1);
    vi.advanceTimersByTime(1);
    expect(sockets.length).toBe(2);
    last().onopen?.();
    expect(JSON.parse(last().sent[0] ?? '').after).toBe(7);
    last().onclose?.({ code: 1006 }); // without a word: a longer pause
    vi.advanceTimersByTime(999);
    expect(sockets.length).toBe(2);
    vi.advanceTimersByTime(1);
    expect(sockets.length).toBe(3);
  });

  it('takes a silent line for dead', () => {
    line().start();
    last().says(news());
    vi.advanceTimersByTime(44_000);
    last().says({ type: 'tick' });
    vi.advanceTimersByTime(44_000);
    expect(sockets.length).toBe(1);
    vi.advanceTimersByTime(1_500);
    expect(states).toContain('lost');
    vi.advanceTimersByTime(500);
    expect(sockets.length).toBe(2);
    expect(sockets[0]?.closed).toBe(true);
  });

  it('polls where sockets never speak, and tries a socket again later', async () => {
    let n = 0;
    answer = async () => {
      if (n++ < 2) return news([{ seq: n, id: `m${n}`, kind: 'message', own: true, at: '' }]);
      return new Promise<Batch>((resolve) => setTimeout(() => resolve(news()), 25_000));
    };
    line().start();
    last().onclose?.({ code: 1006 });
    await vi.advanceTimersByTimeAsync(1000);
    last().onclose?.({ code: 1006 });
    await vi.advanceTimersByTimeAsync(0);
    expect(polls.slice(0, 3).map((p) => p.wait)).toEqual([0, 25, 25]);
    expect(states.at(-1)).toBe('live');
    expect(batches.length).toBe(2);
    const before = sockets.length;
    await vi.advanceTimersByTimeAsync(6 * 60_000);
    expect(sockets.length).toBeGreaterThan(before);
  });

  it('reports a session that is gone, over a socket or a poll', async () => {
    line().start();
    last().onclose?.({ code: 4401 });
    expect(gone).toBe(1);
    answer = async () => {
      throw new Problem(401, 'widget.session_gone');
    };
    line({ socket: () => { throw new Error('blocked'); } }).start();
    await vi.advanceTimersByTimeAsync(0);
    expect(gone).toBe(2);
  });

  it('keeps trying when polls fail too', async () => {
    answer = async () => {
      throw new Problem(0, 'widget.unreachable');
    };
    line({ socket: () => { throw new Error('blocked'); } }).start();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(polls.length).toBeGreaterThan(4);
    expect(states.at(-1)).toBe('lost');
  });

  it('connects at once when nudged, and at an end stays ended', () => {
    const l = line();
    l.start();
    last().says(news());
    last().onclose?.({ code: 1006 });
    l.nudge();
    expect(sockets.length).toBe(2);
    last().says(news());
    l.nudge();
    expect(sockets.length).toBe(2); // it is live
    l.nudge(true);
    expect(sockets.length).toBe(3); // the network changed under it
    l.end();
    vi.advanceTimersByTime(120_000);
    expect(sockets.length).toBe(3);
    expect(states.at(-1)).toBe('off');
  });
});
