### Deutsch. Die Seite duzt; sie spricht kurz, freundlich und ohne Fachwörter.

## This language
language-name = Deutsch
# As in English.
boot-direction = ltr

## Before and around the program
boot-description = Von Angesicht zu Angesicht. Direkt von deinem Browser zu ihrem.
boot-slow = Das dauert lange. Wenn es so bleibt, lade die Seite neu: Ein Teil davon ist vielleicht unterwegs verloren gegangen.
boot-failed = Eyeline konnte hier nicht starten. Lade die Seite neu; wenn das nicht hilft, ist dein Browser vielleicht zu alt.
boot-no-script = Eyeline läuft in deinem Browser: Bitte erlaube JavaScript für diese Seite.

## Everywhere
# As in English.
app-name = Eyeline
toast-copied = Link kopiert
toast-copied-start = Dein Link ist kopiert: Schick ihn allen, die dabei sein sollen
toast-copy-by-hand = Dein Browser lässt diese Seite nicht kopieren: Kopiere die Adresse aus der Adresszeile
someone = Jemand
list-two = { $first } und { $second }
# As in English.
list-more = { $first }, { $rest }
crashed = Eyeline ist wegen eines eigenen Fehlers stehen geblieben. Lade die Seite neu, um weiterzumachen.
no-calls = Dieser Browser kann keine Videoanrufe führen, oder es ist ihm verboten. Bitte versuche es mit einem anderen.
no-randomness = Dieser Browser liefert keine sicheren Zufallszahlen; kein Anruf kann hier vertraulich bleiben.

language = Sprache
language-failed = Diese Sprache konnte nicht geladen werden. Versuche es noch einmal, wenn deine Verbindung besser ist.

## Start
start-title = Von Angesicht zu Angesicht.
start-subtitle = Direkt von deinem Browser zu ihrem.
start-call = Anruf starten
start-or-paste = oder einen Link einfügen
start-paste-label = Link zu einem Anruf
start-go = Zu diesem Anruf
start-try = Mit dir selbst ausprobieren
start-try-hint = öffnet den Anruf in einem zweiten Tab
start-privacy = Kein Konto. Nichts wird aufgezeichnet. Bild und Ton gehen direkt zu den anderen; wo ein Netz das nicht zulässt, verschlüsselt über ein Relay.
start-how = Wie geht das?
start-how-paths = Die Browser sprechen direkt miteinander, durchgehend verschlüsselt. Wo ein Relay nötig ist, trägt es weiter, was es nicht lesen kann.
start-how-secret = Das Geheimnis eines Anrufs steht in seinem Link hinter dem #. Diesen Teil senden Browser nie, also kennt ihn dieser Server nicht. Wer den Link hat, kann dazukommen: Schick ihn nur denen, die du meinst.
start-how-limit = Was diesem Server nicht verborgen bleibt: deine Netzadresse, und wann Anrufe stattfinden. Und diese Seite kommt von ihm: Wer ihn betreibt, könnte dir eine andere schicken. Benutze einen Server, dem du vertraust.
link-missing = In dieser Adresse steckt kein Anruf: Der Teil nach dem # fehlt. Bitte um den ganzen Link.
link-incomplete = Dieser Link ist unvollständig oder vertippt. Kopiere ihn ganz, oder bitte noch einmal darum.
link-unknown-version = Dieser Link stammt von einem neueren Eyeline. Lade die Seite neu; wenn das nicht hilft, ist dieser Server älter.

## Lobby
lobby-title = Bereit?
lobby-name = Dein Name
lobby-name-hint = Was die anderen sehen
lobby-camera = Kamera
lobby-microphone = Mikrofon
check-speaker = Lautsprecher
lobby-level = Lautstärke deines Mikrofons
lobby-join = Teilnehmen
lobby-devices = Ton und Kamera
blocked-camera = Dein Browser blockiert hier die Kamera
blocked-microphone = Dein Browser blockiert hier das Mikrofon
blocked-both = Dein Browser blockiert hier Kamera und Mikrofon
speaker-usual = Wie dein System Ton abspielt
speaker-test = Testen
speaker-test-label = Testton abspielen
device-use = Verwenden
speaker-lost = Dein Lautsprecher ist weg: Der Ton kommt aus dem üblichen deines Systems.
lobby-nobody = Noch ist niemand im Anruf
lobby-one-inside = { $name } ist im Anruf
lobby-more-inside = { $names } sind im Anruf
always-relay-alone = Dieser Server hat kein Relay: Solange das an ist, erreichst du niemanden.
own-picture = Dein eigenes Bild
camera-off = Deine Kamera ist aus
camera-starting = Deine Kamera startet. Wenn dein Browser fragt, erlaube es bitte.
camera-denied = Deine Kamera ist blockiert. Klicke auf das Kamera- oder Schlosssymbol neben der Adresse, erlaube sie und schalte sie hier wieder ein. Du kannst auch ohne sie teilnehmen.
camera-missing = Keine Kamera gefunden. Du kannst ohne teilnehmen.
camera-busy = Deine Kamera antwortet nicht: Vielleicht benutzt sie ein anderes Programm. Du kannst ohne sie teilnehmen.
camera-unsupported = Einer so geöffneten Seite geben Browser keine Kamera: Sie braucht https. Du kannst ohne teilnehmen.
microphone-denied = Dein Mikrofon ist blockiert. Klicke auf das Symbol neben der Adresse und erlaube es; ohne es kannst du zuhören.
microphone-missing = Kein Mikrofon gefunden. Zuhören kannst du trotzdem.
microphone-busy = Dein Mikrofon antwortet nicht: Vielleicht benutzt es ein anderes Programm.
microphone-unsupported = Einer so geöffneten Seite geben Browser kein Mikrofon: Sie braucht https.

## Where the browser blocks camera or microphone (late)
try-again = Noch einmal versuchen
permission-drawing = Wo du klicken musst
permission-chromium = Klicke auf die Regler vor der Adresse, und erlaube Kamera und Mikrofon.
permission-firefox = Klicke auf das durchgestrichene Symbol vor der Adresse, und nimm die Sperre weg.
permission-safari = Wähle im Menü Safari „Einstellungen für diese Website …“, und erlaube Kamera und Mikrofon.
permission-safari-menu = Einstellungen für diese Website …
permission-apple-touch = Tippe auf das Symbol neben der Adresse, dann auf „Website-Einstellungen“, und erlaube Kamera und Mikrofon.
permission-other = Klicke auf das Symbol vor der Adresse, und erlaube Kamera und Mikrofon.
permission-without = Oder nimm ohne teil: Du siehst und hörst die anderen.

## Devices: what happened to one (late)
microphone-fell-back = Dein Mikrofon ist gerade nicht nutzbar: { $device } springt ein.
camera-fell-back = Deine Kamera ist gerade nicht nutzbar: { $device } springt ein.
device-another = ein anderes Gerät
microphone-lost = Dein Mikrofon ist weg, und es gibt kein anderes: Niemand kann dich hören.
camera-lost = Deine Kamera ist weg, und es gibt keine andere: Niemand kann dich sehen.
microphone-not-taken = Dieses Mikrofon ist gerade nicht nutzbar: Es bleibt bei dem vorigen.
camera-not-taken = Diese Kamera ist gerade nicht nutzbar: Es bleibt bei der vorigen.
screen-not-taken = Das lässt sich gerade nicht teilen: Es bleibt bei dem, was du vorher geteilt hast.
microphone-withdrawn = Dein Browser erlaubt das Mikrofon nicht mehr: Niemand kann dich hören. Klicke auf das Symbol neben der Adresse, um es wieder zu erlauben.
camera-withdrawn = Dein Browser erlaubt die Kamera nicht mehr: Niemand kann dich sehen. Klicke auf das Symbol neben der Adresse, um sie wieder zu erlauben.
microphone-interrupted = Dein System hat das Mikrofon übernommen, vielleicht für ein Telefonat. Es kommt von selbst zurück.
camera-interrupted = Dein System hat die Kamera übernommen. Sie kommt von selbst zurück.
microphone-back = Dein Mikrofon ist wieder da.
camera-back = Deine Kamera ist wieder da.
device-appeared = { $device } ist angeschlossen.
share-ended = Dein Bildschirm wird nicht mehr geteilt.
shares-itself = Du teilst den Tab dieses Gesprächs. Sein Ton bleibt hier, sonst würden die anderen sich selbst hören.
device-appeared-unnamed = Ein neues Gerät ist angeschlossen.

## Sharing
share-impossible = Dieses Gerät kann seinen Bildschirm nicht teilen. Ein Computer kann es.
screen-paused = { $name } hat den Bildschirm angehalten
microphone-rests = { $name } ist gerade nicht zu hören
camera-rests = Das Bild von { $name } steht gerade still
picture-spared = Das Bild von { $name } pausiert: schwache Verbindung
own-picture-spared = Dein Bild pausiert für { $name }: schwache Verbindung
pictures-spared = Die Bilder pausieren: schwache Verbindung mit { $name }
screen-spared = Der Bildschirm von { $name } pausiert: schwache Verbindung
own-screen-spared = Dein Bildschirm pausiert für { $name }: schwache Verbindung

## Sharing, as long as it lasts (late)
share-pause = Anhalten
share-resume = Weiter
share-is-paused = Angehalten: Die anderen sehen das letzte Bild
share-sharp = Scharfer Text
share-smooth = Flüssige Bewegung
share-style = Was wichtiger ist
share-end = Beenden
screen-enlarge = Bildschirm von { $name } vergrößern
screen-keys = Bildschirm von { $name }: Plus und Minus zoomen, Pfeiltasten verschieben, 0 zeigt alles
screen-loudness = Lautstärke dieses Bildschirms
screens-side-by-side = Nebeneinander
screens-one = Ein Bildschirm
zoom = Größe
zoom-in = Näher
zoom-out = Weiter weg

## Controls
mute = Mikrofon stummschalten
unmute = Mikrofon einschalten
camera-stop = Kamera ausschalten
camera-start = Kamera einschalten
share-screen = Bildschirm teilen
share-stop = Bildschirm nicht mehr teilen
copy-link = Link zu diesem Anruf kopieren
leave = Anruf verlassen
controls = Steuerung des Anrufs

## Call
people = Leute in diesem Anruf
you = Du
sharing-yourself = Du teilst deinen Bildschirm
screen-of = Bildschirm von { $name }
picture-of = Bild von { $name }
is-muted = Stummgeschaltet
has-no-camera = Kamera aus
has-hand = Hand gehoben
muted-talking = Du bist stummgeschaltet: Niemand hört dich.
floating = { $name }: Pfeiltasten verschieben dieses Bild, Enter macht es groß
more = Mehr
menu-of = Optionen: { $name }

## Menus (late)
view-speaker = Sprecheransicht
view-grid = Rasteransicht
self-hide = Eigenes Bild ausblenden
self-show = Eigenes Bild einblenden
swap = Groß zeigen
pin = Anheften
unpin = Lösen
full-screen = Vollbild
full-screen-end = Vollbild beenden
in-picture = Bild im Bild
in-picture-end = Bild im Bild beenden
in-picture-failed = Bild im Bild geht noch nicht: Warte, bis das Bild da ist, und versuche es wieder.
hand-raise = Hand heben
hand-lower = Hand senken
devices-sound = Mikrofon und Lautsprecher wählen
devices-camera = Kamera wählen

## The browser's tab; $app is our name (late)
# As in English.
tab-with = { $names } – { $app }
tab-muted = { $names } (du bist stumm) – { $app }
tab-alone = Noch niemand sonst da – { $app }
tab-reconnecting = Wird wieder verbunden… – { $app }
tab-came = { $name } ist da – { $app }

## How a connection stands
state-connecting = Verbindung zu { $name }…
state-reconnecting = Verbindung zu { $name } wird wiederhergestellt…
state-another-way = Ein anderer Weg zu { $name } wird versucht…
state-lost = Die Verbindung von { $name } ist weg. Warten, bis { $name } wieder da ist…
state-gone = { $name } ist nicht zu erreichen. Es wird weiter versucht; „Verbindung prüfen“ sagt vielleicht, warum.
state-mismatch = Nicht verbunden: Dazwischen hört vielleicht jemand mit. Benutze diesen Link nicht mehr.
quality-weak = Die Verbindung zu { $name } ist schwach
quality-bad = Die Verbindung zu { $name } ist schlecht: Worte und Bilder gehen verloren
path-relayed = Über Relay
path-relayed-hint = Die Verbindung zu { $name } geht über ein Relay; sie bleibt verschlüsselt
path-relayed-tcp-hint = Die Verbindung zu { $name } geht über ein Relay, auf dem langsameren Weg, den strenge Netze offen lassen; sie bleibt verschlüsselt
path-relayed-tls-hint = Die Verbindung zu { $name } geht über ein Relay, auf dem langsamen Weg, der wie eine Webseite aussieht; sie bleibt verschlüsselt
solo-title = Schick das allen, die dabei sein sollen
solo-copy = Kopieren
solo-waiting = Gleich bei dir: { $names }

## Panels
check-title = Verbindung prüfen
connection-title = Verbindung
keys-title = Tastenkürzel
settings = Einstellungen
panel-close = Schließen
panel-loading = Einen Moment…
panel-not-loaded = Dieser Teil konnte nicht geladen werden. Sieh nach deiner Verbindung, schließe dies und öffne es wieder.

## Keys (late)
keys-what = Was
keys-key = Taste
keys-microphone = Mikrofon ein- und ausschalten
keys-speak = Sprechen, obwohl du stumm bist, solange du sie hältst
keys-camera = Kamera ein- und ausschalten
keys-share = Bildschirm teilen und damit aufhören
keys-hand = Hand heben und wieder senken
keys-copy-link = Link zu diesem Anruf kopieren
keys-own-picture = Eigenes Bild ausblenden und wieder zeigen
keys-view = Wer spricht groß, oder alle gleich groß
keys-full-screen = Vollbild und zurück
keys-help = Diese Tastenkürzel
keys-close = Schließen, was über dem Anruf liegt; Vollbild verlassen
key-space = Leertaste
# As in English.
key-escape = Esc
keys-on = Diese Tasten benutzen
keys-on-hint = Schalte sie aus, wenn du deinem Computer diktierst oder versehentlich Tasten drückst.

## Said aloud to those who do not see the page: about oneself
said-muted = Du bist stummgeschaltet
said-unmuted = Dein Mikrofon ist an
said-camera-on = Deine Kamera ist an
said-camera-off = Deine Kamera ist aus

## Said aloud to those who do not see the page: about others (late)
said-alone = Du bist im Anruf. Noch ist niemand sonst da.
said-with = Du bist im Anruf mit { $names }.
said-came = { $name } ist gekommen
said-left = { $name } ist gegangen
said-back = { $name } ist wieder da
said-shares = { $name } teilt einen Bildschirm
said-share-ended = { $name } teilt nicht mehr
said-hand = { $name } hebt die Hand
said-own-hand = Deine Hand ist gehoben
said-own-hand-down = Deine Hand ist gesenkt

## Check my connection (late)
check-again = Noch einmal prüfen
check-copy = Bericht kopieren
check-copied = Bericht kopiert
check-try = Kamera und Mikrofon testen
check-play = Ton abspielen
check-heard = Ich höre ihn
check-not-heard = Ich höre nichts
# As in English.
check-server = Server
check-direct = Direkter Weg
check-router = Dein Router
check-addresses = Deine Adressen
# As in English.
check-relay = Relay
check-relay-tcp = Relay für strenge Netze
check-relay-tls = Relay für Netze, die nur Webseiten erlauben
summary-running = Deine Verbindung wird geprüft…
summary-fine = Anrufe sollten von hier aus gelingen.
summary-fine-by-relay = Anrufe sollten von hier aus gelingen, über das Relay.
summary-some-unreachable = Anrufe gelingen mit manchen Leuten, aber nicht mit allen.
summary-nobody-reachable = Aus diesem Netz gelingen keine Anrufe.
summary-no-server = Kein Anruf kann beginnen: Der Server ist nicht so zu erreichen, wie er sollte.
summary-no-web-rtc = Dieser Browser kann keine Anrufe führen.
summary-devices = Deine Verbindung ist in Ordnung. Sieh nach einem deiner Geräte.
camera-waiting = Noch nicht getestet.
camera-fine = Sie funktioniert.
microphone-waiting = Noch nicht getestet.
microphone-off = Es ist stummgeschaltet.
microphone-starting = Startet. Wenn dein Browser fragt, erlaube es bitte.
microphone-listening = Sag etwas…
microphone-fine = Es hört dich.
microphone-silent = Es ist still. Such einen Schalter am Headset, und das richtige Mikrofon in den Toneinstellungen deines Systems.
not-secure = Einer so geöffneten Seite geben Browser weder Kamera noch Mikrofon: Ihre Adresse muss mit https beginnen.
speaker-waiting = Noch nicht getestet.
speaker-played = Hast du zwei aufsteigende Töne gehört?
speaker-fine = Du hörst ihn.
speaker-not-heard = Stell lauter, und sieh nach, welchen Lautsprecher dein System benutzt.
server-trying = Verbinden…
server-fine = Er antwortet.
server-no-web-socket = Die Seite lädt, aber die dauerhafte Verbindung dahinter wird abgewiesen. Ein Proxy oder Filter unterwegs muss WebSocket durchlassen.
server-busy = Aus deinem Netz kamen zu viele Leute auf einmal. Versuche es in einer Minute wieder.
server-unreachable = Er antwortet nicht. Dein Netz ist ausgefallen, oder der Server.
direct-running = Wird versucht…
direct-fine = Bild und Ton können dein Netz direkt zu den anderen verlassen.
direct-blocked = Nichts kann dein Netz direkt zu den anderen verlassen: Eine Firewall hält es zurück (UDP).
direct-unknown = Dieser Server hat keine Möglichkeit, das zu versuchen.
no-web-rtc = WebRTC fehlt: Eine Einstellung oder Erweiterung hat es abgeschaltet, oder der Browser ist zu alt.
router-running = Wird untersucht…
router-none = Es ist keiner im Weg.
router-easy = Er lässt die anderen zu dir finden.
router-hard = Er macht dich schwer auffindbar (symmetrisches NAT). Mit manchen Leuten sprichst du über das Relay.
router-hard-no-relay = Er macht dich schwer auffindbar (symmetrisches NAT), und kein Relay funktioniert: Manche Leute erreichen dich nicht.
router-unknown = Das lässt sich nicht sagen: Der zweite Port des Servers antwortet nicht.
addresses-hidden = Dein Browser nennt keine: Ein VPN, eine Erweiterung oder eine Einstellung verbirgt sie. Dann hilft nur ein Relay.
addresses-several = Du bist in mehreren Netzen zugleich, eines davon vielleicht ein VPN. Wenn ein Anruf stockt, versuche es ohne.
relay-none = Dieser Server hat keins. Wer hinter einem strengen Netz sitzt, ist nicht zu erreichen.
relay-running = Wird versucht…
relay-fine = Es funktioniert.
relay-no-answer = Es antwortet nicht: Eine Firewall, deine oder die des Servers, versperrt diesen Weg.
relay-name-unknown = Sein Name wurde nicht gefunden: Der Server nennt einen falschen, oder dein Netz kann ihn nicht nachschlagen.
relay-refused = Es weist deinen Ausweis ab. Die Uhr des Servers geht vielleicht falsch, oder sein Relay hat einen anderen Schlüssel.
relay-quota = Es gibt dir keinen Platz mehr. Schließe andere Tabs mit Anrufen, oder warte ein paar Minuten.
relay-try-later = Es kann gerade nicht. Versuche es in einer Minute wieder.
relay-nothing-through = Es antwortet, aber nichts kommt durch: Der Server nennt vielleicht eine falsche öffentliche Adresse.

## Connection: what comes and goes, and what happened (late)
connection-alone = Du bist noch mit niemandem verbunden.
connection-number = Person { $number } unten
connection-round-trip = { $milliseconds } ms hin und zurück
connection-direct = Direkt
connection-relayed-udp = Über Relay, mit UDP
connection-relayed-tcp = Über Relay, mit TCP
connection-relayed-tls = Über Relay, mit TLS
connection-relayed-theirs = Über Relay, vom anderen Ende aus
connection-none = Nicht verbunden
connection-good = gut
connection-weak = schwach
connection-bad = schlecht
connection-received = Empfangen
connection-sent = Gesendet
connection-voice = Stimme
connection-picture = Bild
connection-screen = Bildschirm
connection-screen-sound = Ton des Bildschirms
# As in English.
connection-kilobits = { $count } kbit/s
# As in English.
connection-pixels = { $width } × { $height }
# As in English.
connection-frames = { $count } fps
connection-lost = { $percent } % verloren
connection-story = Was geschah
connection-story-hint = In Sekunden, seit du diese Seite geöffnet hast. Es nennt niemanden und enthält keine Adresse; du kannst es also allen schicken, die einem Fehler nachgehen.
connection-copy = Für einen Fehlerbericht kopieren
connection-copied = Kopiert
connection-copy-by-hand = Dein Browser lässt diese Seite nicht kopieren: Markiere die Zeilen oben und kopiere sie

## The server
server-offline-call = Neue Leute können gerade nicht dazukommen. Dein Anruf geht weiter.
server-back = Der Server ist wieder da: Andere können wieder dazukommen.
offline-call = Du bist anscheinend offline: Weder die anderen noch der Server sind zu erreichen. Sieh nach deinem Netz; der Anruf kommt von selbst zurück.
offline-lobby = Du bist anscheinend offline. Sieh nach deinem Netz; es wird weiter versucht…
online-again = Du bist wieder da.
overworked = Dein Gerät kommt mit diesem Anruf nicht mit. Schließ andere Programme, oder schalte deine Kamera aus.
server-offline-lobby = Der Server ist nicht zu erreichen. Es wird weiter versucht…
server-full = Dieser Anruf ist voll. Versuche es wieder, wenn jemand gegangen ist.
server-lobby-full = Zu viele Leute warten auf diesen Anruf. Versuche es gleich noch einmal.
server-lobby-timeout = Du hast lange gewartet, darum wurde die Leitung geschlossen.
server-too-many = Aus deinem Netz kamen zu viele Leute auf einmal. Gleich wird es wieder versucht…
server-outdated = Es gibt ein neueres Eyeline: Lade die Seite neu.
server-replaced = Dieser Anruf geht in einem anderen Tab weiter.
retry = Noch einmal versuchen
reload = Neu laden

## Settings (late)
always-relay = Immer über das Relay (Adresse verbergen)
always-relay-hint = Die anderen sehen deine Netzadresse nicht. Alles nimmt einen längeren Weg.
settings-sound = Ton
settings-page = Aussehen
settings-privacy = Privatsphäre
camera-flip = Andere Kamera benutzen
mirror-own = Mein Bild spiegeln
mirror-own-hint = Nur für dich. Die anderen sehen dich immer richtig herum.
speaker-by-system = Dein Browser überlässt die Wahl des Lautsprechers den Toneinstellungen deines Systems.
speaker-ask = Anderen Lautsprecher wählen…
sound-noise = Geräusche verringern
sound-noise-hint = Nimmt Lüfter, Tastaturen und Straßen weg.
sound-echo = Echo verringern
sound-echo-hint = Nur ausschalten, wenn du Kopfhörer trägst.
sound-music = Musik
sound-music-hint = Für Instrumente und Gesang: Der Ton geht hinaus, wie er ist. Trag Kopfhörer.
theme = Farben
# As in English.
theme-system = System
theme-dark = Dunkel
theme-light = Hell

## Recent calls (late)
recent = Letzte Anrufe
recent-keep = Letzte Anrufe merken
recent-keep-hint = Nur auf diesem Gerät. Das Geheimnis eines Anrufs steht in seinem Link: Wer diesen Browser benutzt, kann wieder teilnehmen.
recent-alone = Niemand sonst kam
recent-forget = Diesen Anruf vergessen: { $names }
recent-forget-all = Alle vergessen

## Afterwards
left-title = Du hast den Anruf verlassen
left-direct = Direkt von Browser zu Browser.
left-relayed = Verschlüsselt über ein Relay.
left-both = Mit manchen direkt, mit anderen verschlüsselt über ein Relay.
left-after-minutes = { $minutes ->
    [one] Du warst eine Minute dabei.
   *[other] Du warst { $minutes } Minuten dabei.
}
left-after-hours = Du warst { NUMBER($hours) } Std. { NUMBER($minutes) } Min. dabei.
rejoin = Wieder teilnehmen
new-call = Zurück zum Anfang
