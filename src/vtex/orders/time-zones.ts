// Unicode's windowsZones, each name with its zone for the world at large: all of the Americas, and the usual ones elsewhere. Where IANA has
// renamed a zone, the older name stands here, which every version of Node knows.
const ianaNames: Readonly<Record<string, string>> = {
	// Brazil
	'E. South America Standard Time': 'America/Sao_Paulo',
	'Central Brazilian Standard Time': 'America/Cuiaba',
	'Bahia Standard Time': 'America/Bahia',
	'Tocantins Standard Time': 'America/Araguaina',
	'UTC-02': 'Etc/GMT+2',
	// The rest of South America
	'SA Western Standard Time': 'America/La_Paz',
	'SA Pacific Standard Time': 'America/Bogota',
	'SA Eastern Standard Time': 'America/Cayenne',
	'Pacific SA Standard Time': 'America/Santiago',
	'Magallanes Standard Time': 'America/Punta_Arenas',
	'Easter Island Standard Time': 'Pacific/Easter',
	'Argentina Standard Time': 'America/Argentina/Buenos_Aires',
	'Montevideo Standard Time': 'America/Montevideo',
	'Paraguay Standard Time': 'America/Asuncion',
	'Venezuela Standard Time': 'America/Caracas',
	// Mexico, Central America and the Caribbean
	'Central Standard Time (Mexico)': 'America/Mexico_City',
	'Mountain Standard Time (Mexico)': 'America/Mazatlan',
	'Pacific Standard Time (Mexico)': 'America/Tijuana',
	'Eastern Standard Time (Mexico)': 'America/Cancun',
	'Central America Standard Time': 'America/Guatemala',
	'Cuba Standard Time': 'America/Havana',
	'Haiti Standard Time': 'America/Port-au-Prince',
	'Turks And Caicos Standard Time': 'America/Grand_Turk',
	// North America
	'Newfoundland Standard Time': 'America/St_Johns',
	'Atlantic Standard Time': 'America/Halifax',
	'Eastern Standard Time': 'America/New_York',
	'US Eastern Standard Time': 'America/Indianapolis',
	'Central Standard Time': 'America/Chicago',
	'Canada Central Standard Time': 'America/Regina',
	'Mountain Standard Time': 'America/Denver',
	'US Mountain Standard Time': 'America/Phoenix',
	'Pacific Standard Time': 'America/Los_Angeles',
	'Yukon Standard Time': 'America/Whitehorse',
	'Alaskan Standard Time': 'America/Anchorage',
	'Hawaiian Standard Time': 'Pacific/Honolulu',
	'Greenland Standard Time': 'America/Godthab',
	'Saint Pierre Standard Time': 'America/Miquelon',
	// Europe
	UTC: 'Etc/UTC',
	'Azores Standard Time': 'Atlantic/Azores',
	'Greenwich Standard Time': 'Atlantic/Reykjavik',
	'GMT Standard Time': 'Europe/London',
	'Romance Standard Time': 'Europe/Paris',
	'W. Europe Standard Time': 'Europe/Berlin',
	'Central Europe Standard Time': 'Europe/Budapest',
	'Central European Standard Time': 'Europe/Warsaw',
	'E. Europe Standard Time': 'Europe/Chisinau',
	'GTB Standard Time': 'Europe/Bucharest',
	'FLE Standard Time': 'Europe/Kiev',
	'Turkey Standard Time': 'Europe/Istanbul',
	'Russian Standard Time': 'Europe/Moscow',
	// Africa and the Middle East
	'Morocco Standard Time': 'Africa/Casablanca',
	'W. Central Africa Standard Time': 'Africa/Lagos',
	'Egypt Standard Time': 'Africa/Cairo',
	'South Africa Standard Time': 'Africa/Johannesburg',
	'E. Africa Standard Time': 'Africa/Nairobi',
	'Israel Standard Time': 'Asia/Jerusalem',
	'Arab Standard Time': 'Asia/Riyadh',
	'Arabian Standard Time': 'Asia/Dubai',
	// Asia and Oceania
	'India Standard Time': 'Asia/Calcutta',
	'SE Asia Standard Time': 'Asia/Bangkok',
	'Singapore Standard Time': 'Asia/Singapore',
	'China Standard Time': 'Asia/Shanghai',
	'Taipei Standard Time': 'Asia/Taipei',
	'Tokyo Standard Time': 'Asia/Tokyo',
	'Korea Standard Time': 'Asia/Seoul',
	'AUS Eastern Standard Time': 'Australia/Sydney',
	'New Zealand Standard Time': 'Pacific/Auckland',
};

/** The IANA name of a store's time zone, which VTEX calls as Windows does (Orders, 4.1); null for one that is not in the table. */
export function timeZoneOf(windowsName: string | null): string | null {
	return windowsName !== null && Object.hasOwn(ianaNames, windowsName)
		? (ianaNames[windowsName] ?? null)
		: null;
}

/** The table's names, to be tried one by one. */
export const windowsTimeZones: readonly string[] = Object.keys(ianaNames);
