// What must or may be asked before the first message: consent, name, how to reach the visitor.
import type { Store } from '../core/store';
import type { Config, Profile, Session } from '../core/types';

const questions = ['name', 'phone', 'email'] as const;

export class Asking {
  /** The server refused, so that the form is needed whatever the settings say. */
  private forced = false;

  constructor(
    private readonly config: Config,
    private readonly store: Store,
    private readonly session: () => Session | undefined,
  ) {}

  get profile(): Profile {
    return { ...JSON.parse(this.store.get('profile') ?? '{}'), ...this.session()?.profile };
  }

  private get consented(): boolean {
    return !this.config.consent || !!this.session()?.consent || !!this.store.get('consent');
  }

  /** Nobody is there to answer: how the visitor can be reached is asked for. */
  get offline(): boolean {
    const p = this.profile;
    return !this.config.open && this.config.offline_ask && !p.phone && !p.email;
  }

  private lacks(how: 'required' | 'optional'): boolean {
    const p = this.profile;
    return questions.some((q) => this.config.ask[q] === how && !p[q]);
  }

  /** Something must be filled in before anything is sent. */
  get needed(): boolean {
    if (!this.consented || this.lacks('required') || this.forced) return true;
    if (this.store.get('asked')) return false;
    return this.lacks('optional') || this.offline;
  }

  /** The server wants more than was given. */
  refused(code: string): void {
    if (code === 'widget.consent_required') {
      this.store.remove('consent');
      const session = this.session();
      if (session) session.consent = false;
    }
    this.forced = true;
  }

  /** Keeps what was answered. */
  answered(profile: Profile, consent: boolean): void {
    if (consent) this.store.set('consent', '1');
    this.store.set('asked', '1');
    this.forced = false;
    if (Object.values(profile).some(Boolean))
      this.store.set('profile', JSON.stringify({ ...this.profile, ...profile }));
  }
}
