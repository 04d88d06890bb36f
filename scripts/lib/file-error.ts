const reasons: Readonly<Record<string, string>> = {
	ENOENT: 'there is no such file or folder',
	EACCES: 'you have no permission',
	EPERM: 'you have no permission',
	EISDIR: 'it is a folder',
	ENOTDIR: 'a folder of its path is a file',
	ENOSPC: 'the disk is full',
	EROFS: 'nothing can be written there',
};

/** Why a file can be neither read nor written, in words: `there is no such file or folder (ENOENT)`. Never throws. */
export function fileProblem(error: unknown): string {
	const {code = 'unknown error'} = error as NodeJS.ErrnoException;
	const reason = reasons[code];
	return reason === undefined ? code : `${reason} (${code})`;
}
