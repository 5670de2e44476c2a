/** The window: four panes, one of them lit and speaking. */
export function LogoMark({ size = 32 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 64 64" aria-hidden="true">
      <rect x="4" y="4" width="56" height="56" rx="15" fill="#2f5bea" />
      <path d="M15 19a5 5 0 0 1 5-5h9.500v15.500H15zM34.500 14H44a5 5 0 0 1 5 5v10.500H34.500z" fill="#fff" />
      <path d="M15 34.500h14.500V50H20a5 5 0 0 1-5-5z" fill="#fff" opacity=".62" />
      <path d="M34.500 34.500H49V45a5 5 0 0 1-5 5h-1.500l-4.500 4.500V50h-3.500z" fill="#ffd66b" />
    </svg>
  );
}
