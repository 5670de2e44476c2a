import type { ReactNode } from 'react';
import classes from './ContactPane.module.css';

/** A titled part of the pane. */
export function Block({
  title,
  action,
  children,
}: {
  title: string;
  action?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className={classes.block}>
      <h2>
        {title}
        {action}
      </h2>
      {children}
    </section>
  );
}
