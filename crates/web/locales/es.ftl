### Español. La página tutea; habla breve, con amabilidad y sin jerga.

## This language
language-name = Español
# As in English.
boot-direction = ltr

## Before and around the program
boot-description = Habla cara a cara. Directo de tu navegador al suyo.
boot-slow = Esto está tardando. Si sigue así, recarga la página: puede que una parte se haya perdido por el camino.
boot-failed = Eyeline no ha podido iniciarse aquí. Recarga la página; si eso no ayuda, puede que tu navegador sea demasiado antiguo.
boot-no-script = Eyeline funciona en tu navegador: permite JavaScript en esta página.

## Everywhere
# As in English.
app-name = Eyeline
toast-copied = Enlace copiado
toast-copied-start = Tu enlace está copiado: envíaselo a quien deba unirse
toast-copy-by-hand = Tu navegador no deja que esta página copie: copia la dirección desde la barra de direcciones
someone = Alguien
list-two = { $first } y { $second }
# As in English.
list-more = { $first }, { $rest }
crashed = Eyeline se ha parado por un error suyo. Recarga la página para seguir.
no-calls = Este navegador no puede hacer videollamadas, o se le ha prohibido. Prueba con otro.
no-randomness = Este navegador no da números aleatorios seguros, así que aquí ninguna llamada puede ser privada.

language = Idioma
language-failed = No se ha podido cargar este idioma. Inténtalo de nuevo cuando tu conexión sea mejor.

## Start
start-title = Habla cara a cara.
start-subtitle = Directo de tu navegador al suyo.
start-call = Iniciar una llamada
start-or-paste = o pega un enlace
start-paste-label = Enlace a una llamada
start-go = Ir a esta llamada
start-try = Pruébalo contigo
start-try-hint = abre la llamada en otra pestaña
start-privacy = Sin cuenta. No se graba nada. La imagen y la voz van directas a los demás; donde una red no lo permite, cifradas a través de un relé.
link-missing = En esta dirección no hay ninguna llamada: falta la parte que va después de #. Pide el enlace entero.
link-incomplete = Este enlace está incompleto o mal escrito. Cópialo entero o pídelo otra vez.
link-unknown-version = Este enlace es de un Eyeline más nuevo. Recarga la página; si eso no ayuda, este servidor es más antiguo.

## Lobby
lobby-title = ¿Todo listo?
lobby-name = Tu nombre
lobby-name-hint = Lo que verán los demás
lobby-camera = Cámara
lobby-microphone = Micrófono
lobby-level = Volumen de tu micrófono
lobby-join = Unirse
lobby-nobody = Todavía no hay nadie en la llamada
lobby-one-inside = { $name } está en la llamada
lobby-more-inside = { $names } están en la llamada
always-relay = Usar siempre el relé (ocultar mi dirección)
always-relay-hint = Los demás no verán tu dirección de red. Todo va por un camino más largo.
always-relay-alone = Este servidor no tiene relé: mientras esto esté activado, no llegarás a nadie.
own-picture = Tu propia imagen
camera-off = Tu cámara está apagada
camera-starting = Encendiendo tu cámara. Si tu navegador pregunta, permítelo.
camera-denied = Tu cámara está bloqueada. Haz clic en el símbolo de la cámara o del candado junto a la dirección, permítela y vuelve a encenderla aquí. También puedes unirte sin ella.
camera-missing = No se ha encontrado ninguna cámara. Puedes unirte sin ella.
camera-busy = Tu cámara no responde: puede que otro programa la esté usando. Puedes unirte sin ella.
camera-unsupported = Los navegadores no dan cámara a una página abierta así: necesita https. Puedes unirte sin ella.
microphone-denied = Tu micrófono está bloqueado. Haz clic en el símbolo junto a la dirección y permítelo; sin él puedes escuchar.
microphone-missing = No se ha encontrado ningún micrófono. Aun así puedes escuchar.
microphone-busy = Tu micrófono no responde: puede que otro programa lo esté usando.
microphone-unsupported = Los navegadores no dan micrófono a una página abierta así: necesita https.

## Devices: what happened to one
device-use = Usarlo
microphone-fell-back = Tu micrófono no se puede usar ahora: { $device } toma el relevo.
camera-fell-back = Tu cámara no se puede usar ahora: { $device } toma el relevo.
device-another = otro dispositivo
microphone-lost = Tu micrófono ya no está y no hay otro: nadie te oye.
camera-lost = Tu cámara ya no está y no hay otra: nadie te ve.
microphone-not-taken = Ese micrófono no se puede usar ahora: sigues con el anterior.
camera-not-taken = Esa cámara no se puede usar ahora: sigues con la anterior.
screen-not-taken = Eso no se puede compartir ahora: sigue lo que compartías antes.
microphone-withdrawn = Tu navegador ya no permite el micrófono: nadie te oye. Haz clic en el símbolo junto a la dirección para volver a permitirlo.
camera-withdrawn = Tu navegador ya no permite la cámara: nadie te ve. Haz clic en el símbolo junto a la dirección para volver a permitirla.
microphone-interrupted = Tu sistema ha tomado el micrófono, quizá para una llamada de teléfono. Vuelve solo.
camera-interrupted = Tu sistema ha tomado la cámara. Vuelve sola.
microphone-back = Tu micrófono ha vuelto.
camera-back = Tu cámara ha vuelto.
device-appeared = { $device } está conectado.
device-appeared-unnamed = Se ha conectado un dispositivo nuevo.
speaker-lost = Tu altavoz ya no está: el sonido sale por el habitual de tu sistema.

## Sharing
share-ended = Tu pantalla ya no se comparte.
share-impossible = Este dispositivo no puede compartir su pantalla. Un ordenador sí.
share-pause = Pausar
share-resume = Seguir
share-is-paused = En pausa: los demás ven la última imagen
share-sharp = Texto nítido
share-smooth = Movimiento fluido
screen-paused = { $name } ha pausado la pantalla
microphone-rests = Ahora mismo no se oye a { $name }
camera-rests = La imagen de { $name } descansa por el momento

## Controls
mute = Silenciar tu micrófono
unmute = Activar tu micrófono
camera-stop = Apagar tu cámara
camera-start = Encender tu cámara
share-screen = Compartir tu pantalla
share-stop = Dejar de compartir tu pantalla
copy-link = Copiar el enlace a esta llamada
leave = Salir de la llamada
controls = Controles de la llamada

## Call
people = Personas en esta llamada
you = Tú
sharing-yourself = Estás compartiendo tu pantalla
screen-of = Pantalla de { $name }
picture-of = Imagen de { $name }
is-muted = Micrófono silenciado
state-connecting = Conectando con { $name }…
state-reconnecting = Esperando a que vuelva { $name }…
state-gone = No se ha podido llegar a { $name }
state-mismatch = Sin conexión: puede que alguien escuche en medio. No vuelvas a usar este enlace.
path-relayed = Por relé
path-relayed-hint = La conexión con { $name } pasa por un relé; sigue cifrada
path-relayed-tcp-hint = La conexión con { $name } pasa por un relé, por la vía más lenta que dejan abierta las redes estrictas; sigue cifrada
path-relayed-tls-hint = La conexión con { $name } pasa por un relé, por la vía lenta que parece una página web; sigue cifrada
solo-title = Envía esto a quien deba unirse
solo-copy = Copiar
solo-waiting = Enseguida contigo: { $names }

## Panels
panel-close = Cerrar
panel-loading = Un momento…
panel-not-loaded = Esta parte no se ha podido cargar. Mira tu conexión, ciérrala y ábrela de nuevo.

## Check my connection
check-title = Comprobar mi conexión
check-again = Comprobar otra vez
check-copy = Copiar el informe
check-copied = Informe copiado
check-try = Probar cámara y micrófono
check-play = Reproducir un sonido
check-heard = Lo oigo
check-not-heard = No oigo nada
check-speaker = Altavoz
check-server = Servidor
check-direct = Camino directo
check-router = Tu router
check-addresses = Tus direcciones
check-relay = Relé
check-relay-tcp = Relé para redes estrictas
check-relay-tls = Relé para redes solo web
summary-running = Examinando tu conexión…
summary-fine = Las llamadas deberían funcionar desde aquí.
summary-fine-by-relay = Las llamadas deberían funcionar desde aquí, a través del relé.
summary-some-unreachable = Las llamadas funcionarán con algunas personas, pero no con todas.
summary-nobody-reachable = Las llamadas no funcionarán desde esta red.
summary-no-server = Ninguna llamada puede empezar: no se llega al servidor como se debería.
summary-no-web-rtc = Este navegador no puede hacer llamadas.
summary-devices = Tu conexión está bien. Echa un vistazo a uno de tus dispositivos.
camera-waiting = Aún no se ha probado.
camera-fine = Funciona.
microphone-waiting = Aún no se ha probado.
microphone-off = Está silenciado.
microphone-starting = Encendiendo. Si tu navegador pregunta, permítelo.
microphone-listening = Di algo…
microphone-fine = Te oye.
microphone-silent = No se oye nada. Busca un interruptor en los auriculares, y el micrófono correcto en los ajustes de sonido de tu sistema.
not-secure = Los navegadores no dan cámara ni micrófono a una página abierta así: su dirección debe empezar por https.
speaker-waiting = Aún no se ha probado.
speaker-played = ¿Has oído dos notas que suben?
speaker-fine = Lo oyes.
speaker-not-heard = Sube el volumen y mira qué altavoz usa tu sistema.
server-trying = Conectando…
server-fine = Responde.
server-no-web-socket = La página se carga, pero la conexión permanente que hay detrás se rechaza. Un proxy o filtro por el camino debe dejar pasar WebSocket.
server-busy = Han venido demasiadas personas de tu red a la vez. Inténtalo de nuevo en un minuto.
server-unreachable = No responde. Tu red está caída, o lo está el servidor.
direct-running = Probando…
direct-fine = La imagen y el sonido pueden salir de tu red directos a los demás.
direct-blocked = Nada puede salir de tu red directo a los demás: un cortafuegos lo retiene (UDP).
direct-unknown = Este servidor no tiene con qué probarlo.
no-web-rtc = Falta WebRTC: lo ha desactivado un ajuste o una extensión, o el navegador es demasiado antiguo.
router-running = Examinando…
router-none = No hay ninguno en medio.
router-easy = Deja que los demás te encuentren.
router-hard = Hace que sea difícil encontrarte (NAT simétrico). Con algunas personas hablarás a través del relé.
router-hard-no-relay = Hace que sea difícil encontrarte (NAT simétrico), y ningún relé funciona: algunas personas no llegarán a ti.
router-unknown = No se puede saber: el segundo puerto del servidor no responde.
addresses-hidden = Tu navegador no da ninguna: las oculta una VPN, una extensión o un ajuste. Entonces solo ayuda un relé.
addresses-several = Estás en varias redes a la vez, una de ellas quizá una VPN. Si una llamada va a saltos, prueba sin ella.
relay-none = Este servidor no tiene. No se puede llegar a quien esté tras una red estricta.
relay-running = Probando…
relay-fine = Funciona.
relay-no-answer = No responde: un cortafuegos, el tuyo o el del servidor, cierra este camino.
relay-name-unknown = No se ha encontrado su nombre: el servidor da uno equivocado, o tu red no puede buscarlo.
relay-refused = Rechaza tu pase. Puede que el reloj del servidor vaya mal, o que su relé tenga otra clave.
relay-quota = No te da más sitio. Cierra otras pestañas con llamadas o espera unos minutos.
relay-try-later = Ahora no puede. Inténtalo de nuevo en un minuto.
relay-nothing-through = Responde, pero no pasa nada: puede que el servidor dé una dirección pública equivocada.

## The server
server-offline-call = Ahora mismo no puede unirse nadie más. Tu llamada sigue.
server-offline-lobby = No se llega al servidor. Intentándolo de nuevo…
server-full = Esta llamada está llena. Inténtalo de nuevo cuando alguien se haya ido.
server-lobby-full = Demasiadas personas esperan esta llamada. Inténtalo de nuevo en un momento.
server-lobby-timeout = Has esperado mucho, así que se ha cerrado la línea.
server-too-many = Han venido demasiadas personas de tu red a la vez. Se intentará de nuevo en un momento…
server-outdated = Hay un Eyeline más nuevo: recarga la página.
server-replaced = Esta llamada sigue en otra pestaña.
retry = Intentar de nuevo
reload = Recargar

## Afterwards
left-title = Has salido de la llamada
left-after-minutes = { $minutes ->
    [one] Has estado en ella un minuto.
   *[other] Has estado en ella { $minutes } minutos.
}
left-after-hours = Has estado en ella { NUMBER($hours) } h { NUMBER($minutes) } min.
rejoin = Volver a unirse
new-call = Volver al inicio
