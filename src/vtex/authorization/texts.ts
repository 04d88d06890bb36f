import {type Language} from '../../pages/language.ts';

/** What the sign-up page says. */
export type Texts = {
	readonly title: string;
	readonly lead: string;
	readonly application: string;
	readonly leadsTo: string;
	readonly name: string;
	readonly password: string;
	readonly consent: string;
	readonly submit: string;
	readonly caution: string;
	readonly wrong: string;
	readonly tooMany: (minutes: number) => string;
	readonly notAllowed: string;
	readonly overTitle: string;
	readonly over: string;
};

export const texts: Readonly<Record<Language, Texts>> = {
	en: {
		title: 'Connect your store to Monedero',
		lead: 'VTEX asks for access to the gift cards and wallets of your store.',
		application: 'Application',
		leadsTo: 'You return to',
		name: 'Name',
		password: 'Password',
		consent:
			'If you agree, the application gets credentials of your store. With them it can issue and read gift cards, and charge and refund them. You can revoke the credentials at any time.',
		submit: 'Log in and agree',
		caution:
			'Agree only if you began this yourself, in the VTEX Admin of your own store. If not, close this page.',
		wrong:
			'Name or password is wrong. After several wrong passwords in a row the log-in is locked for a quarter of an hour.',
		tooMany: minutes =>
			minutes === 1
				? 'Too many attempts. Try again in a minute.'
				: `Too many attempts. Try again in ${minutes} minutes.`,
		notAllowed:
			'You may not give access to your store: only the role admin may. Ask an admin of your store to log in here.',
		overTitle: 'This page has expired',
		over: 'It works once, and for ten minutes. Go back to VTEX and begin the connection again.',
	},
	es: {
		title: 'Conectar su tienda con Monedero',
		lead: 'VTEX pide acceso a las tarjetas de regalo y los monederos de su tienda.',
		application: 'Aplicación',
		leadsTo: 'Volverá a',
		name: 'Nombre',
		password: 'Contraseña',
		consent:
			'Si acepta, la aplicación recibe credenciales de su tienda. Con ellas puede emitir y consultar tarjetas de regalo, cobrarlas y devolverles dinero. Usted puede revocar las credenciales en cualquier momento.',
		submit: 'Entrar y aceptar',
		caution:
			'Acepte solo si fue usted quien empezó esta conexión en el Admin de VTEX de su propia tienda. Si no, cierre esta página.',
		wrong:
			'El nombre o la contraseña no es correcto. Después de varias contraseñas incorrectas seguidas, el acceso se bloquea durante un cuarto de hora.',
		tooMany: minutes =>
			minutes === 1
				? 'Demasiados intentos. Vuelva a intentarlo en un minuto.'
				: `Demasiados intentos. Vuelva a intentarlo en ${minutes} minutos.`,
		notAllowed:
			'Usted no puede dar acceso a su tienda: solo puede hacerlo el rol admin. Pida a un administrador de su tienda que entre aquí.',
		overTitle: 'Esta página ha caducado',
		over: 'Sirve una sola vez y durante diez minutos. Vuelva a VTEX y empiece la conexión de nuevo.',
	},
	pt: {
		title: 'Conectar sua loja ao Monedero',
		lead: 'A VTEX pede acesso aos vales-presente e às carteiras da sua loja.',
		application: 'Aplicação',
		leadsTo: 'Você voltará para',
		name: 'Nome',
		password: 'Senha',
		consent:
			'Se você concordar, a aplicação recebe credenciais da sua loja. Com elas pode emitir e consultar vales-presente, cobrar e estornar valores. Você pode revogar as credenciais a qualquer momento.',
		submit: 'Entrar e concordar',
		caution:
			'Concorde somente se foi você quem começou esta conexão no Admin VTEX da sua própria loja. Se não, feche esta página.',
		wrong:
			'O nome ou a senha não está correto. Depois de várias senhas erradas seguidas, o acesso fica bloqueado por um quarto de hora.',
		tooMany: minutes =>
			minutes === 1
				? 'Tentativas demais. Tente de novo em um minuto.'
				: `Tentativas demais. Tente de novo em ${minutes} minutos.`,
		notAllowed:
			'Você não pode dar acesso à sua loja: somente o papel admin pode. Peça a um administrador da sua loja que entre aqui.',
		overTitle: 'Esta página expirou',
		over: 'Ela vale uma única vez e por dez minutos. Volte à VTEX e comece a conexão novamente.',
	},
};
