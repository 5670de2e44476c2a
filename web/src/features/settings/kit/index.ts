export { ColorPick, palette } from './ColorPick';
export { CopyField, SecretOnce } from './Copy';
export { EditableList, newId, type Open } from './EditableList';
export { EditorForm, Saved, useSave } from './EditorForm';
export { Badge, Card, Dot, Loaded, RowText, type Tone } from './Page';
export { useDates } from './time';
