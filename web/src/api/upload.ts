import { API, newKey } from './client';
import { ApiError } from './error';
import type { FileInfo, Problem } from './types';

export interface Upload {
  done: Promise<FileInfo>;
  abort: () => void;
}

function start(path: string, body: FormData | Blob, onProgress: (share: number) => void): Upload {
  // fetch cannot tell how far a request body has got.
  const xhr = new XMLHttpRequest();
  const done = new Promise<FileInfo>((resolve, reject) => {
    xhr.open('POST', API + path);
    xhr.setRequestHeader('Accept', 'application/json');
    xhr.setRequestHeader('Idempotency-Key', newKey());
    if (body instanceof Blob && body.type) xhr.setRequestHeader('Content-Type', body.type);
    xhr.upload.onprogress = (e) => e.lengthComputable && onProgress(e.loaded / e.total);
    xhr.onload = () => {
      let answer: unknown;
      try {
        answer = JSON.parse(xhr.responseText);
      } catch {
        answer = undefined;
      }
      if (xhr.status >= 200 && xhr.status < 300 && answer) resolve(answer as FileInfo);
      else reject(ApiError.fromResponse(xhr.status, answer as Partial<Problem>));
    };
    xhr.onerror = () => reject(new ApiError(0, 'network'));
    xhr.onabort = () => reject(new ApiError(0, 'aborted'));
    xhr.send(body);
  });
  return { done, abort: () => xhr.abort() };
}

export function uploadFile(file: File, onProgress: (share: number) => void): Upload {
  const form = new FormData();
  form.append('file', file, file.name);
  return start('/files', form, onProgress);
}

/** A recording of the browser; the server makes a true voice message of it. */
export function uploadVoice(sound: Blob, onProgress: (share: number) => void = () => undefined): Upload {
  return start(
    '/files/voice',
    sound.type.includes(';') ? new Blob([sound], { type: sound.type.split(';')[0] }) : sound,
    onProgress,
  );
}
