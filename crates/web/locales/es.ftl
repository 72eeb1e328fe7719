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
start-how = ¿Cómo es eso?
start-how-paths = Los navegadores se hablan directamente, con cifrado de extremo a extremo. Un relé, donde hace falta, lleva lo que no puede leer.
start-how-secret = El secreto de una llamada está en su enlace, detrás de #. Los navegadores nunca envían esa parte, así que este servidor no la conoce. Quien tiene el enlace puede unirse: envíaselo solo a quien quieras.
start-how-limit = Lo que no se le oculta a este servidor: tu dirección de red y cuándo hay llamadas. Y esta página viene de él: quien lo maneja podría enviarte otra. Usa un servidor en el que confíes.
link-missing = En esta dirección no hay ninguna llamada: falta la parte que va después de #. Pide el enlace entero.
link-incomplete = Este enlace está incompleto o mal escrito. Cópialo entero o pídelo otra vez.
link-unknown-version = Este enlace es de un Eyeline más nuevo. Recarga la página; si eso no ayuda, este servidor es más antiguo.

## Lobby
lobby-title = ¿Todo listo?
lobby-name = Tu nombre
lobby-name-hint = Lo que verán los demás
lobby-camera = Cámara
lobby-microphone = Micrófono
check-speaker = Altavoz
lobby-level = Volumen de tu micrófono
lobby-join = Unirse
lobby-devices = Sonido y cámara
blocked-camera = Tu navegador bloquea aquí la cámara
blocked-microphone = Tu navegador bloquea aquí el micrófono
blocked-both = Tu navegador bloquea aquí la cámara y el micrófono
speaker-usual = Como tu sistema reproduce el sonido
speaker-test = Probar
speaker-test-label = Reproducir un sonido de prueba
device-use = Usarlo
speaker-lost = Tu altavoz ya no está: el sonido sale por el habitual de tu sistema.
lobby-nobody = Todavía no hay nadie en la llamada
lobby-one-inside = { $name } está en la llamada
lobby-more-inside = { $names } están en la llamada
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

## Where the browser blocks camera or microphone (late)
try-again = Intentar de nuevo
permission-drawing = Dónde hacer clic
permission-chromium = Haz clic en los controles que hay delante de la dirección y permite la cámara y el micrófono.
permission-firefox = Haz clic en el símbolo tachado delante de la dirección y quita el bloqueo.
permission-safari = En el menú Safari, elige «Ajustes para este sitio web…» y permite la cámara y el micrófono.
permission-safari-menu = Ajustes para este sitio web…
permission-apple-touch = Toca el símbolo junto a la dirección, luego «Ajustes del sitio web», y permite la cámara y el micrófono.
permission-other = Haz clic en el símbolo delante de la dirección y permite la cámara y el micrófono.
permission-without = O únete sin ellos: verás y oirás a los demás.

## Devices: what happened to one (late)
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
share-ended = Tu pantalla ya no se comparte.
shares-itself = Estás compartiendo la pestaña de esta llamada. Su sonido se queda aquí; si no, los demás se oirían a sí mismos.
device-appeared-unnamed = Se ha conectado un dispositivo nuevo.

## Sharing
share-impossible = Este dispositivo no puede compartir su pantalla. Un ordenador sí.
screen-paused = { $name } ha pausado la pantalla
microphone-rests = Ahora mismo no se oye a { $name }
camera-rests = La imagen de { $name } descansa por el momento
picture-spared = La imagen de { $name } está en pausa: conexión débil
own-picture-spared = Tu imagen está en pausa para { $name }: conexión débil
pictures-spared = Las imágenes están en pausa: conexión débil con { $name }
screen-spared = La pantalla de { $name } está en pausa: conexión débil
own-screen-spared = Tu pantalla está en pausa para { $name }: conexión débil

## Sharing, as long as it lasts (late)
share-pause = Pausar
share-resume = Seguir
share-is-paused = En pausa: los demás ven la última imagen
share-sharp = Texto nítido
share-smooth = Movimiento fluido
share-style = Qué importa más
share-end = Parar
screen-enlarge = Ampliar la pantalla de { $name }
screen-keys = Pantalla de { $name }: más y menos cambian el tamaño, las flechas la mueven, 0 muestra todo
screen-loudness = Volumen de esta pantalla
screens-side-by-side = Una junto a otra
screens-one = Una pantalla
zoom = Tamaño
zoom-in = Más cerca
zoom-out = Más lejos

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
has-no-camera = Cámara apagada
has-hand = Mano levantada
muted-talking = Estás en silencio: nadie te oye.
floating = { $name }: las flechas mueven esta imagen, Intro la agranda
more = Más
menu-of = Opciones: { $name }

## Menus (late)
view-speaker = Vista de quien habla
view-grid = Vista de cuadrícula
self-hide = Ocultar mi imagen
self-show = Mostrar mi imagen
swap = Agrandar
pin = Fijar
unpin = Soltar
full-screen = Pantalla completa
full-screen-end = Salir de pantalla completa
in-picture = Imagen dentro de imagen
in-picture-end = Salir de imagen dentro de imagen
in-picture-failed = Imagen dentro de imagen aún no funciona: espera a que aparezca la imagen e inténtalo de nuevo.
hand-raise = Levantar la mano
hand-lower = Bajar la mano
devices-sound = Elegir micrófono y altavoz
devices-camera = Elegir cámara

## The browser's tab; $app is our name (late)
# As in English.
tab-with = { $names } – { $app }
tab-muted = { $names } (en silencio) – { $app }
tab-alone = Aún no hay nadie más – { $app }
tab-reconnecting = Reconectando… – { $app }
tab-came = { $name } está aquí – { $app }

## How a connection stands
state-connecting = Conectando con { $name }…
state-reconnecting = Reconectando con { $name }…
state-another-way = Probando otro camino hacia { $name }…
state-lost = Se ha perdido la conexión de { $name }. Esperando a que vuelva { $name }…
state-gone = No se llega a { $name }. Se sigue intentando; «Comprobar mi conexión» quizá diga por qué.
state-mismatch = Sin conexión: puede que alguien escuche en medio. No vuelvas a usar este enlace.
quality-weak = La conexión con { $name } es débil
quality-bad = La conexión con { $name } es mala: se pierden palabras e imágenes
path-relayed = Por relé
path-relayed-hint = La conexión con { $name } pasa por un relé; sigue cifrada
path-relayed-tcp-hint = La conexión con { $name } pasa por un relé, por la vía más lenta que dejan abierta las redes estrictas; sigue cifrada
path-relayed-tls-hint = La conexión con { $name } pasa por un relé, por la vía lenta que parece una página web; sigue cifrada
solo-title = Envía esto a quien deba unirse
solo-copy = Copiar
solo-waiting = Enseguida contigo: { $names }

## Panels
check-title = Comprobar mi conexión
connection-title = Conexión
keys-title = Atajos de teclado
settings = Ajustes
panel-close = Cerrar
panel-loading = Un momento…
panel-not-loaded = Esta parte no se ha podido cargar. Mira tu conexión, ciérrala y ábrela de nuevo.

## Keys (late)
keys-what = Qué
keys-key = Tecla
keys-microphone = Activar y silenciar tu micrófono
keys-speak = Hablar estando en silencio, mientras la mantienes pulsada
keys-camera = Encender y apagar tu cámara
keys-share = Compartir tu pantalla y dejar de hacerlo
keys-hand = Levantar la mano y bajarla
keys-copy-link = Copiar el enlace a esta llamada
keys-own-picture = Ocultar tu imagen y volver a mostrarla
keys-view = Quien habla en grande, o todos del mismo tamaño
keys-full-screen = Pantalla completa y volver
keys-help = Estos atajos
keys-close = Cerrar lo que cubre la llamada, salir de pantalla completa
key-space = Espacio
# As in English.
key-escape = Esc
keys-on = Usar estas teclas
keys-on-hint = Desactívalas si dictas a tu ordenador o si pulsas teclas sin querer.

## Said aloud to those who do not see the page: about oneself
said-muted = Tu micrófono está silenciado
said-unmuted = Tu micrófono está activado
said-camera-on = Tu cámara está encendida
said-camera-off = Tu cámara está apagada

## Said aloud to those who do not see the page: about others (late)
said-alone = Estás en la llamada. Todavía no hay nadie más.
said-with = Estás en la llamada con { $names }.
said-came = Ha llegado { $name }
said-left = { $name } se ha ido
said-back = { $name } ha vuelto
said-shares = { $name } está compartiendo una pantalla
said-share-ended = { $name } ha dejado de compartir
said-hand = { $name } levanta la mano
said-own-hand = Has levantado la mano
said-own-hand-down = Has bajado la mano

## Check my connection (late)
check-again = Comprobar otra vez
check-copy = Copiar el informe
check-copied = Informe copiado
check-try = Probar cámara y micrófono
check-play = Reproducir un sonido
check-heard = Lo oigo
check-not-heard = No oigo nada
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

## Connection: what comes and goes, and what happened (late)
connection-alone = Todavía no tienes conexión con nadie.
connection-number = persona { $number } abajo
connection-round-trip = { $milliseconds } ms ida y vuelta
connection-direct = Directa
connection-relayed-udp = Por relé, con UDP
connection-relayed-tcp = Por relé, con TCP
connection-relayed-tls = Por relé, con TLS
connection-relayed-theirs = Por relé, desde el otro lado
connection-none = Sin conexión
connection-good = buena
connection-weak = débil
connection-bad = mala
connection-received = Recibido
connection-sent = Enviado
connection-voice = Voz
connection-picture = Imagen
connection-screen = Pantalla
connection-screen-sound = Sonido de la pantalla
# As in English.
connection-kilobits = { $count } kbit/s
# As in English.
connection-pixels = { $width } × { $height }
# As in English.
connection-frames = { $count } fps
connection-lost = { $percent } % perdido
connection-story = Qué ha pasado
connection-story-hint = En segundos desde que abriste esta página. No nombra a nadie ni contiene direcciones, así que puedes enviarlo a quien busque un fallo.
connection-copy = Copiar para informar de un fallo
connection-copied = Copiado
connection-copy-by-hand = Tu navegador no deja que esta página copie: selecciona las líneas de arriba y cópialas

## The server
server-offline-call = Ahora mismo no puede unirse nadie más. Tu llamada sigue.
server-back = El servidor ha vuelto: ya puede unirse gente otra vez.
offline-call = Parece que no tienes conexión: no se llega ni a los demás ni al servidor. Mira tu red; la llamada vuelve sola.
offline-lobby = Parece que no tienes conexión. Mira tu red; intentándolo de nuevo…
online-again = Has vuelto.
overworked = Tu dispositivo no da abasto con esta llamada. Cierra otros programas o apaga tu cámara.
server-offline-lobby = No se llega al servidor. Intentándolo de nuevo…
server-full = Esta llamada está llena. Inténtalo de nuevo cuando alguien se haya ido.
server-lobby-full = Demasiadas personas esperan esta llamada. Inténtalo de nuevo en un momento.
server-lobby-timeout = Has esperado mucho, así que se ha cerrado la línea.
server-too-many = Han venido demasiadas personas de tu red a la vez. Se intentará de nuevo en un momento…
server-outdated = Hay un Eyeline más nuevo: recarga la página.
server-replaced = Esta llamada sigue en otra pestaña.
retry = Intentar de nuevo
reload = Recargar

## Settings (late)
always-relay = Usar siempre el relé (ocultar mi dirección)
always-relay-hint = Los demás no verán tu dirección de red. Todo va por un camino más largo.
settings-sound = Sonido
settings-page = Aspecto
settings-privacy = Privacidad
camera-flip = Usar la otra cámara
mirror-own = Invertir mi imagen
mirror-own-hint = Solo para ti. Los demás te ven siempre al derecho.
speaker-by-system = Tu navegador deja la elección del altavoz a los ajustes de sonido de tu sistema.
speaker-ask = Elegir otro altavoz…
sound-noise = Reducir el ruido
sound-noise-hint = Quita ventiladores, teclados y calles.
sound-echo = Reducir el eco
sound-echo-hint = Desactívalo solo si llevas auriculares.
sound-music = Música
sound-music-hint = Para instrumentos y canto: el sonido sale tal cual. Ponte auriculares.
theme = Colores
theme-system = Sistema
theme-dark = Oscuro
theme-light = Claro

## Recent calls (late)
recent = Llamadas recientes
recent-keep = Guardar las llamadas recientes
recent-keep-hint = Solo en este dispositivo. El secreto de una llamada está en su enlace: quien use este navegador puede volver a unirse.
recent-alone = No vino nadie más
recent-forget = Olvidar esta llamada: { $names }
recent-forget-all = Olvidarlas todas

## Afterwards
left-title = Has salido de la llamada
left-direct = Directo de navegador a navegador.
left-relayed = Cifrada, a través de un relé.
left-both = Con unos directo, con otros cifrada a través de un relé.
left-after-minutes = { $minutes ->
    [one] Has estado en ella un minuto.
   *[other] Has estado en ella { $minutes } minutos.
}
left-after-hours = Has estado en ella { NUMBER($hours) } h { NUMBER($minutes) } min.
rejoin = Volver a unirse
new-call = Volver al inicio
