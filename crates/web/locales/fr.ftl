### Français. La page vouvoie ; elle parle court, aimablement et sans jargon. Espaces insécables devant : ; ? !

## This language
language-name = Français
# As in English.
boot-direction = ltr

## Before and around the program
boot-description = Parlez face à face. Directement de votre navigateur au leur.
boot-slow = C’est long. Si cela continue, rechargez la page : une partie s’est peut-être perdue en route.
boot-failed = Eyeline n’a pas pu démarrer ici. Rechargez la page ; si cela n’aide pas, votre navigateur est peut-être trop ancien.
boot-no-script = Eyeline fonctionne dans votre navigateur : veuillez autoriser JavaScript pour cette page.

## Everywhere
# As in English.
app-name = Eyeline
toast-copied = Lien copié
toast-copied-start = Votre lien est copié : envoyez-le à ceux qui doivent participer
toast-copy-by-hand = Votre navigateur ne laisse pas cette page copier : copiez l’adresse dans la barre d’adresse
someone = Quelqu’un
list-two = { $first } et { $second }
# As in English.
list-more = { $first }, { $rest }
crashed = Eyeline s’est arrêté à cause d’une erreur de sa part. Rechargez la page pour continuer.
no-calls = Ce navigateur ne peut pas passer d’appels vidéo, ou on le lui a interdit. Essayez-en un autre.
no-randomness = Ce navigateur ne fournit pas de nombres aléatoires sûrs : aucun appel ne peut rester privé ici.

language = Langue
language-failed = Cette langue n’a pas pu être chargée. Réessayez quand votre connexion sera meilleure.

## Start
start-title = Parlez face à face.
start-subtitle = Directement de votre navigateur au leur.
start-call = Démarrer un appel
start-or-paste = ou collez un lien
start-paste-label = Lien vers un appel
start-go = Aller à cet appel
start-try = Essayez avec vous-même
start-try-hint = ouvre l’appel dans un deuxième onglet
start-privacy = Pas de compte. Rien n’est enregistré. L’image et le son vont directement aux autres ; là où un réseau ne le permet pas, chiffrés, par un relais.
start-how = Comment ça ?
start-how-paths = Les navigateurs se parlent directement, chiffrés de bout en bout. Un relais, là où il en faut un, transporte ce qu’il ne peut pas lire.
start-how-secret = Le secret d’un appel est dans son lien, après le #. Les navigateurs n’envoient jamais cette partie, donc ce serveur ne la connaît pas. Qui a le lien peut participer : ne l’envoyez qu’aux personnes voulues.
start-how-limit = Ce qui n’est pas caché à ce serveur : votre adresse réseau, et quand ont lieu les appels. Et cette page vient de lui : qui l’exploite pourrait vous en envoyer une autre. Utilisez un serveur de confiance.
link-missing = Cette adresse ne contient pas d’appel : la partie après le # manque. Demandez le lien entier.
link-incomplete = Ce lien est incomplet ou mal tapé. Copiez-le en entier, ou redemandez-le.
link-unknown-version = Ce lien vient d’un Eyeline plus récent. Rechargez la page ; si cela n’aide pas, ce serveur est plus ancien.

## Lobby
lobby-title = Tout est prêt ?
lobby-name = Votre nom
lobby-name-hint = Ce que les autres verront
lobby-camera = Caméra
lobby-microphone = Micro
check-speaker = Haut-parleur
lobby-level = Niveau de votre micro
lobby-join = Participer
lobby-devices = Son et caméra
blocked-camera = Votre navigateur bloque la caméra ici
blocked-microphone = Votre navigateur bloque le micro ici
blocked-both = Votre navigateur bloque la caméra et le micro ici
speaker-usual = Comme votre système joue le son
speaker-test = Tester
speaker-test-label = Jouer un son de test
device-use = L’utiliser
speaker-lost = Votre haut-parleur n’est plus là : le son vient de celui de votre système.
lobby-nobody = Personne n’est encore dans l’appel
lobby-one-inside = { $name } est dans l’appel
lobby-more-inside = { $names } sont dans l’appel
always-relay-alone = Ce serveur n’a pas de relais : tant que c’est activé, vous ne joindrez personne.
own-picture = Votre propre image
camera-off = Votre caméra est éteinte
camera-starting = Votre caméra démarre. Si votre navigateur le demande, autorisez-la.
camera-denied = Votre caméra est bloquée. Cliquez sur l’icône de caméra ou de cadenas à côté de l’adresse, autorisez-la, puis rallumez-la ici. Vous pouvez aussi participer sans elle.
camera-missing = Aucune caméra trouvée. Vous pouvez participer sans.
camera-busy = Votre caméra ne répond pas : un autre programme l’utilise peut-être. Vous pouvez participer sans elle.
camera-unsupported = Les navigateurs ne donnent pas de caméra à une page ouverte ainsi : il lui faut https. Vous pouvez participer sans.
microphone-denied = Votre micro est bloqué. Cliquez sur l’icône à côté de l’adresse et autorisez-le ; sans lui, vous pouvez écouter.
microphone-missing = Aucun micro trouvé. Vous pouvez quand même écouter.
microphone-busy = Votre micro ne répond pas : un autre programme l’utilise peut-être.
microphone-unsupported = Les navigateurs ne donnent pas de micro à une page ouverte ainsi : il lui faut https.

## Where the browser blocks camera or microphone (late)
try-again = Réessayer
permission-drawing = Où cliquer
permission-chromium = Cliquez sur les curseurs devant l’adresse, puis autorisez la caméra et le micro.
permission-firefox = Cliquez sur l’icône barrée devant l’adresse, puis retirez le blocage.
permission-safari = Dans le menu Safari, choisissez « Réglages pour ce site web… », puis autorisez la caméra et le micro.
permission-safari-menu = Réglages pour ce site web…
permission-apple-touch = Touchez l’icône à côté de l’adresse, puis « Réglages du site web », et autorisez la caméra et le micro.
permission-other = Cliquez sur l’icône devant l’adresse, puis autorisez la caméra et le micro.
permission-without = Ou participez sans : vous verrez et entendrez les autres.

## Devices: what happened to one (late)
microphone-fell-back = Votre micro est inutilisable pour l’instant : { $device } prend le relais.
camera-fell-back = Votre caméra est inutilisable pour l’instant : { $device } prend le relais.
device-another = un autre appareil
microphone-lost = Votre micro n’est plus là, et il n’y en a pas d’autre : personne ne vous entend.
camera-lost = Votre caméra n’est plus là, et il n’y en a pas d’autre : personne ne vous voit.
microphone-not-taken = Ce micro est inutilisable pour l’instant : vous gardez le précédent.
camera-not-taken = Cette caméra est inutilisable pour l’instant : vous gardez la précédente.
screen-not-taken = Cela ne peut pas être partagé pour l’instant : ce que vous partagiez avant reste.
microphone-withdrawn = Votre navigateur n’autorise plus le micro : personne ne vous entend. Cliquez sur l’icône à côté de l’adresse pour l’autoriser à nouveau.
camera-withdrawn = Votre navigateur n’autorise plus la caméra : personne ne vous voit. Cliquez sur l’icône à côté de l’adresse pour l’autoriser à nouveau.
microphone-interrupted = Votre système a pris le micro, peut-être pour un appel téléphonique. Il revient tout seul.
camera-interrupted = Votre système a pris la caméra. Elle revient toute seule.
microphone-back = Votre micro est revenu.
camera-back = Votre caméra est revenue.
device-appeared = { $device } est branché.
share-ended = Votre écran n’est plus partagé.
shares-itself = Vous partagez l’onglet de cet appel. Son son reste ici, sinon les autres s’entendraient eux-mêmes.
device-appeared-unnamed = Un nouvel appareil est branché.

## Sharing
share-impossible = Cet appareil ne peut pas partager son écran. Un ordinateur le peut.
screen-paused = { $name } a mis l’écran en pause
microphone-rests = On n’entend pas { $name } pour l’instant
camera-rests = L’image de { $name } est au repos pour l’instant
picture-spared = L’image de { $name } est en pause : connexion faible
own-picture-spared = Votre image est en pause pour { $name } : connexion faible
pictures-spared = Les images sont en pause : connexion faible avec { $name }
screen-spared = L’écran de { $name } est en pause : connexion faible
own-screen-spared = Votre écran est en pause pour { $name } : connexion faible

## Sharing, as long as it lasts (late)
share-pause = Mettre en pause
share-resume = Reprendre
share-is-paused = En pause : les autres voient la dernière image
share-sharp = Texte net
share-smooth = Mouvement fluide
share-style = Ce qui compte le plus
share-end = Arrêter
screen-enlarge = Agrandir l’écran de { $name }
screen-keys = Écran de { $name } : plus et moins zooment, les flèches déplacent, 0 montre tout
screen-loudness = Volume de cet écran
screens-side-by-side = Côte à côte
screens-one = Un écran
zoom = Taille
zoom-in = Plus près
zoom-out = Plus loin

## Controls
mute = Couper votre micro
unmute = Activer votre micro
camera-stop = Éteindre votre caméra
camera-start = Allumer votre caméra
share-screen = Partager votre écran
share-stop = Arrêter le partage d’écran
copy-link = Copier le lien de cet appel
leave = Quitter l’appel
controls = Commandes de l’appel

## Call
people = Personnes dans cet appel
you = Vous
sharing-yourself = Vous partagez votre écran
screen-of = Écran de { $name }
picture-of = Image de { $name }
is-muted = Micro coupé
has-no-camera = Caméra éteinte
has-hand = Main levée
muted-talking = Votre micro est coupé : personne ne vous entend.
floating = { $name } : les flèches déplacent cette image, Entrée l’agrandit
more = Plus
menu-of = Options : { $name }

## Menus (late)
view-speaker = Vue orateur
view-grid = Vue grille
self-hide = Masquer mon image
self-show = Afficher mon image
swap = Agrandir
pin = Épingler
unpin = Désépingler
full-screen = Plein écran
full-screen-end = Quitter le plein écran
in-picture = Image dans l’image
in-picture-end = Quitter l’image dans l’image
in-picture-failed = L’image dans l’image ne marche pas encore : attendez que l’image soit là, puis réessayez.
hand-raise = Lever la main
hand-lower = Baisser la main
devices-sound = Choisir le micro et le haut-parleur
devices-camera = Choisir la caméra

## The browser's tab; $app is our name (late)
# As in English.
tab-with = { $names } – { $app }
tab-muted = { $names } (micro coupé) – { $app }
tab-alone = Encore personne d’autre – { $app }
tab-reconnecting = Reconnexion… – { $app }
tab-came = { $name } est là – { $app }

## How a connection stands
state-connecting = Connexion à { $name }…
state-reconnecting = Reconnexion à { $name }…
state-another-way = Essai d’un autre chemin vers { $name }…
state-lost = La connexion de { $name } est perdue. En attente du retour de { $name }…
state-gone = Impossible de joindre { $name }. Les essais continuent ; « Vérifier ma connexion » dira peut-être pourquoi.
state-mismatch = Pas de connexion : quelqu’un écoute peut-être entre vous. N’utilisez plus ce lien.
quality-weak = La connexion avec { $name } est faible
quality-bad = La connexion avec { $name } est mauvaise : des mots et des images se perdent
path-relayed = Relayé
path-relayed-hint = La connexion avec { $name } passe par un relais ; elle reste chiffrée
path-relayed-tcp-hint = La connexion avec { $name } passe par un relais, par le chemin plus lent que laissent les réseaux stricts ; elle reste chiffrée
path-relayed-tls-hint = La connexion avec { $name } passe par un relais, par le chemin lent qui ressemble à une page web ; elle reste chiffrée
solo-title = Envoyez ceci à ceux qui doivent participer
solo-copy = Copier
solo-waiting = Bientôt avec vous : { $names }

## Panels
check-title = Vérifier ma connexion
connection-title = Connexion
keys-title = Raccourcis clavier
settings = Réglages
panel-close = Fermer
panel-loading = Un instant…
panel-not-loaded = Cette partie n’a pas pu être chargée. Vérifiez votre connexion, fermez ceci, puis rouvrez-le.

## Keys (late)
keys-what = Quoi
keys-key = Touche
keys-microphone = Activer et couper votre micro
keys-speak = Parler micro coupé, tant que vous la maintenez
keys-camera = Allumer et éteindre votre caméra
keys-share = Partager votre écran, et arrêter
keys-hand = Lever la main et la baisser
keys-copy-link = Copier le lien de cet appel
keys-own-picture = Masquer votre image, et l’afficher à nouveau
keys-view = En grand qui parle, ou tout le monde à la même taille
keys-full-screen = Plein écran et retour
keys-help = Ces raccourcis
keys-close = Fermer ce qui couvre l’appel, quitter le plein écran
key-space = Espace
key-escape = Échap
keys-on = Utiliser ces touches
keys-on-hint = Désactivez-les si vous dictez à votre ordinateur, ou si vous appuyez sur des touches par erreur.

## Said aloud to those who do not see the page: about oneself
said-muted = Votre micro est coupé
said-unmuted = Votre micro est activé
said-camera-on = Votre caméra est allumée
said-camera-off = Votre caméra est éteinte

## Said aloud to those who do not see the page: about others (late)
said-alone = Vous êtes dans l’appel. Personne d’autre n’est encore là.
said-with = Vous êtes dans l’appel avec { $names }.
said-came = { $name } est là
said-left = { $name } a quitté l’appel
said-back = { $name } est de retour
said-shares = { $name } partage un écran
said-share-ended = { $name } a arrêté le partage
said-hand = { $name } lève la main
said-own-hand = Votre main est levée
said-own-hand-down = Votre main est baissée

## Check my connection (late)
check-again = Vérifier à nouveau
check-copy = Copier le rapport
check-copied = Rapport copié
check-try = Essayer la caméra et le micro
check-play = Jouer un son
check-heard = Je l’entends
check-not-heard = Je n’entends rien
check-server = Serveur
check-direct = Chemin direct
check-router = Votre routeur
check-addresses = Vos adresses
check-relay = Relais
check-relay-tcp = Relais pour réseaux stricts
check-relay-tls = Relais pour réseaux limités au web
summary-running = Examen de votre connexion…
summary-fine = Les appels devraient fonctionner d’ici.
summary-fine-by-relay = Les appels devraient fonctionner d’ici, par le relais.
summary-some-unreachable = Les appels fonctionneront avec certaines personnes, mais pas avec toutes.
summary-nobody-reachable = Les appels ne fonctionneront pas depuis ce réseau.
summary-no-server = Aucun appel ne peut commencer : le serveur n’est pas joignable comme il le devrait.
summary-no-web-rtc = Ce navigateur ne peut pas passer d’appels.
summary-devices = Votre connexion est bonne. Un de vos appareils demande un coup d’œil.
camera-waiting = Pas encore essayée.
camera-fine = Elle fonctionne.
microphone-waiting = Pas encore essayé.
microphone-off = Il est coupé.
microphone-starting = Démarrage. Si votre navigateur le demande, autorisez-le.
microphone-listening = Dites quelque chose…
microphone-fine = Il vous entend.
microphone-silent = Il est silencieux. Cherchez un interrupteur sur le casque, et le bon micro dans les réglages de son de votre système.
not-secure = Les navigateurs ne donnent ni caméra ni micro à une page ouverte ainsi : son adresse doit commencer par https.
speaker-waiting = Pas encore essayé.
speaker-played = Avez-vous entendu deux notes montantes ?
speaker-fine = Vous l’entendez.
speaker-not-heard = Montez le volume, et regardez quel haut-parleur votre système utilise.
server-trying = Connexion…
server-fine = Il répond.
server-no-web-socket = La page se charge, mais la connexion durable derrière elle est refusée. Un proxy ou un filtre en chemin doit laisser passer WebSocket.
server-busy = Trop de personnes sont venues de votre réseau à la fois. Réessayez dans une minute.
server-unreachable = Il ne répond pas. Votre réseau est en panne, ou le serveur.
direct-running = Essai…
direct-fine = L’image et le son peuvent quitter votre réseau directement vers les autres.
direct-blocked = Rien ne peut quitter votre réseau directement vers les autres : un pare-feu le retient (UDP).
direct-unknown = Ce serveur n’a pas de quoi l’essayer.
no-web-rtc = WebRTC manque : un réglage ou une extension l’a désactivé, ou le navigateur est trop ancien.
router-running = Examen…
router-none = Il n’y en a pas en chemin.
router-easy = Il laisse les autres vous trouver.
router-hard = Il vous rend difficile à trouver (NAT symétrique). Avec certaines personnes, vous parlerez par le relais.
router-hard-no-relay = Il vous rend difficile à trouver (NAT symétrique), et aucun relais ne fonctionne : certaines personnes ne vous joindront pas.
router-unknown = Impossible à dire : le second port du serveur ne répond pas.
addresses-hidden = Votre navigateur n’en donne aucune : un VPN, une extension ou un réglage les cache. Seul un relais aide alors.
addresses-several = Vous êtes sur plusieurs réseaux à la fois, dont peut-être un VPN. Si un appel saccade, essayez sans.
relay-none = Ce serveur n’en a pas. Qui est derrière un réseau strict ne peut pas être joint.
relay-running = Essai…
relay-fine = Il fonctionne.
relay-no-answer = Il ne répond pas : un pare-feu, le vôtre ou celui du serveur, ferme ce chemin.
relay-name-unknown = Son nom est introuvable : le serveur en donne un faux, ou votre réseau ne peut pas le chercher.
relay-refused = Il refuse votre passe. L’horloge du serveur est peut-être fausse, ou son relais a une autre clé.
relay-quota = Il ne vous donne plus de place. Fermez d’autres onglets d’appels, ou attendez quelques minutes.
relay-try-later = Il ne peut pas pour le moment. Réessayez dans une minute.
relay-nothing-through = Il répond, mais rien ne passe : le serveur donne peut-être une fausse adresse publique.

## Connection: what comes and goes, and what happened (late)
connection-alone = Vous n’êtes encore en connexion avec personne.
connection-number = personne { $number } ci-dessous
connection-round-trip = { $milliseconds } ms aller-retour
# As in English.
connection-direct = Direct
connection-relayed-udp = Relayé, par UDP
connection-relayed-tcp = Relayé, par TCP
connection-relayed-tls = Relayé, par TLS
connection-relayed-theirs = Relayé, depuis l’autre bout
connection-none = Pas de connexion
connection-good = bonne
connection-weak = faible
connection-bad = mauvaise
connection-received = Reçu
connection-sent = Envoyé
connection-voice = Voix
connection-picture = Image
connection-screen = Écran
connection-screen-sound = Son de l’écran
# As in English.
connection-kilobits = { $count } kbit/s
# As in English.
connection-pixels = { $width } × { $height }
connection-frames = { $count } ips
connection-lost = { $percent } % perdus
connection-story = Ce qui s’est passé
connection-story-hint = En secondes depuis l’ouverture de cette page. Cela ne nomme personne et ne contient aucune adresse : vous pouvez l’envoyer à qui cherche la cause d’une panne.
connection-copy = Copier pour signaler un problème
connection-copied = Copié
connection-copy-by-hand = Votre navigateur ne laisse pas cette page copier : sélectionnez les lignes ci-dessus et copiez-les

## The server
server-offline-call = Personne ne peut arriver pour l’instant. Votre appel continue.
server-back = Le serveur est de retour : on peut à nouveau arriver.
offline-call = Vous semblez hors ligne : ni les autres ni le serveur ne sont joignables. Vérifiez votre réseau ; l’appel revient tout seul.
offline-lobby = Vous semblez hors ligne. Vérifiez votre réseau ; nouvel essai…
online-again = Vous êtes de retour.
overworked = Votre appareil n’arrive pas à suivre cet appel. Fermez d’autres programmes, ou coupez votre caméra.
server-offline-lobby = Le serveur est injoignable. Nouvel essai…
server-full = Cet appel est complet. Réessayez quand quelqu’un sera parti.
server-lobby-full = Trop de personnes attendent cet appel. Réessayez dans un instant.
server-lobby-timeout = Vous avez attendu longtemps, la ligne a donc été fermée.
server-too-many = Trop de personnes sont venues de votre réseau à la fois. Nouvel essai dans un instant…
server-outdated = Il existe un Eyeline plus récent : rechargez la page.
server-replaced = Cet appel continue dans un autre onglet.
retry = Réessayer
reload = Recharger

## Settings (late)
always-relay = Toujours passer par le relais (cacher mon adresse)
always-relay-hint = Les autres ne verront pas votre adresse réseau. Tout prend un chemin plus long.
settings-sound = Son
settings-page = Apparence
settings-privacy = Vie privée
camera-flip = Utiliser l’autre caméra
mirror-own = Inverser mon image
mirror-own-hint = Pour vous seulement. Les autres vous voient toujours à l’endroit.
speaker-by-system = Votre navigateur laisse le choix du haut-parleur aux réglages de son de votre système.
speaker-ask = Choisir un autre haut-parleur…
sound-noise = Réduire le bruit
sound-noise-hint = Enlève ventilateurs, claviers et rues.
sound-echo = Réduire l’écho
sound-echo-hint = À désactiver seulement si vous portez un casque.
sound-music = Musique
sound-music-hint = Pour les instruments et le chant : le son part tel quel. Portez un casque.
theme = Couleurs
theme-system = Système
theme-dark = Sombre
theme-light = Clair

## Recent calls (late)
recent = Appels récents
recent-keep = Garder les appels récents
recent-keep-hint = Seulement sur cet appareil. Le secret d’un appel est dans son lien : qui utilise ce navigateur peut y revenir.
recent-alone = Personne d’autre n’est venu
recent-forget = Oublier cet appel : { $names }
recent-forget-all = Tout oublier

## Afterwards
left-title = Vous avez quitté l’appel
left-direct = Directement de navigateur à navigateur.
left-relayed = Chiffré, par un relais.
left-both = Avec certains directement, avec d’autres chiffré, par un relais.
left-after-minutes = { $minutes ->
    [one] Vous y avez passé { $minutes } minute.
   *[other] Vous y avez passé { $minutes } minutes.
}
left-after-hours = Vous y avez passé { NUMBER($hours) } h { NUMBER($minutes) } min.
rejoin = Revenir dans l’appel
new-call = Retour au début
