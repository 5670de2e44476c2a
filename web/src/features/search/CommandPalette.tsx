/** Mounted when asked for; calls onClose when done. */
export function CommandPalette(_: { onClose: () => void }) {
  return null;
}
