import {type Language} from './language.ts';

/** A page that only says something. */
type Message = {readonly title: string; readonly body: string};

/** Everything that the shopper's page says. Texts with amounts and numbers take them already written in the page's locale. */
export type PayTexts = {
	readonly title: (store: string) => string;
	readonly heading: string;
	readonly store: string;
	readonly order: string;
	readonly deadline: string;
	readonly cards: string;
	readonly card: string;
	/** Behind the card's name. */
	readonly endingIn: (digits: string) => string;
	readonly taken: string;
	readonly left: string;
	readonly tooSmall: (balance: string, amount: string) => string;
	readonly pin: string;
	readonly pinHint: string;
	readonly confirm: (amount: string) => string;
	readonly decline: string;
	readonly declineHint: string;
	readonly problem: string;
	readonly pinMissing: string;
	readonly pinWrong: (most: number, minutes: number) => string;
	readonly pinLocked: (minutes: number) => string;
	readonly backToStore: string;
	readonly openAgain: string;
	readonly approved: Message;
	/** The shopper has just said no. */
	readonly declined: Message;
	/** The payment was ended without being paid: declined, refused, cancelled, or too late. */
	readonly ended: Message;
	/** Nothing is said about which of the reasons it is. */
	readonly unknown: Message;
	readonly foreignForm: Message;
	readonly unreadable: Message;
	readonly failure: Message;
};

const en: PayTexts = {
	title: store => `Pay at ${store}`,
	heading: 'Confirm your payment',
	store: 'Store',
	order: 'Order',
	deadline: 'Confirm before',
	cards: 'Paid with',
	card: 'Card',
	endingIn: digits => `ending in ${digits}`,
	taken: 'Taken now',
	left: 'Left after that',
	tooSmall: (balance, amount) =>
		`Your balance is ${balance}, which is not enough for ${amount}. Nothing has been taken. Decline, and pay another way in the store.`,
	pin: 'Your PIN',
	pinHint: 'The PIN of your card. Nothing is taken before you confirm.',
	confirm: amount => `Pay ${amount}`,
	decline: 'Decline',
	declineHint: 'If you did not ask for this payment, decline it. Nothing is taken then.',
	problem: 'Not paid',
	pinMissing: 'Type your PIN to pay.',
	pinWrong: (most, minutes) =>
		`This PIN is not right, and nothing was taken. Try again; after ${most} wrong PINs no more are accepted for ${minutes} minutes.`,
	pinLocked: minutes =>
		`Too many wrong PINs were typed, and nothing was taken. For ${minutes} minutes no PIN is accepted; try again after that, or pay another way in the store.`,
	backToStore: 'Back to the store',
	openAgain: 'Open the payment again',
	approved: {
		title: 'Payment confirmed',
		body: 'Your payment is confirmed and the store has been told. You can close this page.',
	},
	declined: {
		title: 'Payment declined',
		body: 'You declined this payment. Nothing was taken. You can close this page.',
	},
	ended: {
		title: 'This payment is over',
		body: 'This payment was not made, and can no longer be confirmed. To pay, start again in the store.',
	},
	unknown: {
		title: 'There is no payment here',
		body: 'The address may be incomplete, or the time to confirm is over. Nothing can be paid here. Go back to the store, and start the payment again.',
	},
	foreignForm: {
		title: 'Please confirm on our page',
		body: 'This answer did not come from the page that we showed you, so nothing was done with it.',
	},
	unreadable: {
		title: 'This could not be read',
		body: 'What your browser sent was not what this page asks for, so nothing was done with it.',
	},
	failure: {
		title: 'We could not finish this',
		body: 'Something failed on our side. Open the payment again to see how it stands: nothing is ever taken twice.',
	},
};

const es: PayTexts = {
	title: store => `Pagar en ${store}`,
	heading: 'Confirme su pago',
	store: 'Tienda',
	order: 'Pedido',
	deadline: 'Confirme antes de',
	cards: 'Se paga con',
	card: 'Tarjeta',
	endingIn: digits => `terminada en ${digits}`,
	taken: 'Se cobra ahora',
	left: 'Queda después',
	tooSmall: (balance, amount) =>
		`Su saldo es de ${balance} y no alcanza para ${amount}. No se ha cobrado nada. Rechace el pago y elija otro medio de pago en la tienda.`,
	pin: 'Su PIN',
	pinHint: 'El PIN de su tarjeta. No se cobra nada antes de que usted confirme.',
	confirm: amount => `Pagar ${amount}`,
	decline: 'Rechazar',
	declineHint: 'Si usted no pidió este pago, rechácelo. No se cobrará nada.',
	problem: 'No se ha pagado',
	pinMissing: 'Escriba su PIN para pagar.',
	pinWrong: (most, minutes) =>
		`El PIN no es correcto y no se ha cobrado nada. Inténtelo de nuevo; después de ${most} PIN incorrectos no se acepta ninguno durante ${minutes} minutos.`,
	pinLocked: minutes =>
		`Se escribieron demasiados PIN incorrectos y no se ha cobrado nada. Durante ${minutes} minutos no se acepta ningún PIN; inténtelo después o elija otro medio de pago en la tienda.`,
	backToStore: 'Volver a la tienda',
	openAgain: 'Abrir el pago de nuevo',
	approved: {
		title: 'Pago confirmado',
		body: 'Su pago está confirmado y la tienda ya lo sabe. Puede cerrar esta página.',
	},
	declined: {
		title: 'Pago rechazado',
		body: 'Usted rechazó este pago. No se cobró nada. Puede cerrar esta página.',
	},
	ended: {
		title: 'Este pago ha terminado',
		body: 'Este pago no se hizo y ya no se puede confirmar. Para pagar, empiece de nuevo en la tienda.',
	},
	unknown: {
		title: 'Aquí no hay ningún pago',
		body: 'La dirección puede estar incompleta, o se acabó el tiempo para confirmar. Aquí no se puede pagar nada. Vuelva a la tienda y empiece el pago de nuevo.',
	},
	foreignForm: {
		title: 'Confirme en nuestra página',
		body: 'Esta respuesta no vino de la página que le mostramos, así que no se hizo nada con ella.',
	},
	unreadable: {
		title: 'Esto no se pudo leer',
		body: 'Lo que envió su navegador no es lo que pide esta página, así que no se hizo nada con ello.',
	},
	failure: {
		title: 'No pudimos terminar',
		body: 'Algo falló de nuestro lado. Abra el pago de nuevo para ver cómo está: nunca se cobra dos veces.',
	},
};

const pt: PayTexts = {
	title: store => `Pagar em ${store}`,
	heading: 'Confirme seu pagamento',
	store: 'Loja',
	order: 'Pedido',
	deadline: 'Confirme antes de',
	cards: 'Pago com',
	card: 'Cartão',
	endingIn: digits => `com final ${digits}`,
	taken: 'Cobrado agora',
	left: 'Resta depois',
	tooSmall: (balance, amount) =>
		`Seu saldo é de ${balance} e não é suficiente para ${amount}. Nada foi cobrado. Recuse o pagamento e escolha outra forma de pagamento na loja.`,
	pin: 'Seu PIN',
	pinHint: 'O PIN do seu cartão. Nada é cobrado antes de você confirmar.',
	confirm: amount => `Pagar ${amount}`,
	decline: 'Recusar',
	declineHint: 'Se você não pediu este pagamento, recuse. Nada será cobrado.',
	problem: 'Não foi pago',
	pinMissing: 'Digite seu PIN para pagar.',
	pinWrong: (most, minutes) =>
		`O PIN não está correto e nada foi cobrado. Tente de novo; depois de ${most} PINs incorretos nenhum é aceito por ${minutes} minutos.`,
	pinLocked: minutes =>
		`Foram digitados PINs incorretos demais e nada foi cobrado. Por ${minutes} minutos nenhum PIN é aceito; tente depois ou escolha outra forma de pagamento na loja.`,
	backToStore: 'Voltar para a loja',
	openAgain: 'Abrir o pagamento de novo',
	approved: {
		title: 'Pagamento confirmado',
		body: 'Seu pagamento está confirmado e a loja já foi avisada. Você pode fechar esta página.',
	},
	declined: {
		title: 'Pagamento recusado',
		body: 'Você recusou este pagamento. Nada foi cobrado. Você pode fechar esta página.',
	},
	ended: {
		title: 'Este pagamento terminou',
		body: 'Este pagamento não foi feito e não pode mais ser confirmado. Para pagar, comece de novo na loja.',
	},
	unknown: {
		title: 'Não há nenhum pagamento aqui',
		body: 'O endereço pode estar incompleto, ou o tempo para confirmar acabou. Nada pode ser pago aqui. Volte para a loja e comece o pagamento de novo.',
	},
	foreignForm: {
		title: 'Confirme na nossa página',
		body: 'Esta resposta não veio da página que mostramos a você, então nada foi feito com ela.',
	},
	unreadable: {
		title: 'Não foi possível ler isto',
		body: 'O que seu navegador enviou não é o que esta página pede, então nada foi feito com isso.',
	},
	failure: {
		title: 'Não conseguimos concluir',
		body: 'Algo falhou do nosso lado. Abra o pagamento de novo para ver como ele está: nada é cobrado duas vezes.',
	},
};

export const payTexts: Readonly<Record<Language, PayTexts>> = {en, es, pt};
