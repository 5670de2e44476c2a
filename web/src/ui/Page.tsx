import type { ReactNode } from 'react';
import classes from './Page.module.css';

interface PageProps {
  title: string;
  /** One line under the title. */
  lead?: string;
  /** Buttons at the right of the title. */
  actions?: ReactNode;
  /** Before the title, e.g. a back arrow. */
  before?: ReactNode;
  /** Use the whole width: tables. */
  wide?: boolean;
  children: ReactNode;
}

/** A page beside the rail: a title bar that stays and content that scrolls. */
export function Page({ title, lead, actions, before, wide, children }: PageProps) {
  return (
    <section className={classes.page} aria-labelledby="page-title">
      <header className={classes.bar}>
        {before}
        <div className={classes.head}>
          <h1 id="page-title" className={classes.title}>
            {title}
          </h1>
          {lead && <div className={classes.lead}>{lead}</div>}
        </div>
        {actions && <div className={classes.actions}>{actions}</div>}
      </header>
      <div className={classes.scroll} tabIndex={-1}>
        <div className={classes.content} data-wide={wide || undefined}>
          {children}
        </div>
      </div>
    </section>
  );
}

interface SectionProps {
  title?: string;
  text?: string;
  actions?: ReactNode;
  children: ReactNode;
}

/** A titled block within a page. */
export function Section({ title, text, actions, children }: SectionProps) {
  return (
    <section className={classes.section}>
      {(title || actions) && (
        <header className={classes.sectionHead}>
          <div>
            {title && <h2 className={classes.sectionTitle}>{title}</h2>}
            {text && <p className={classes.sectionText}>{text}</p>}
          </div>
          {actions}
        </header>
      )}
      {children}
    </section>
  );
}
