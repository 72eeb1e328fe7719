### 简体中文。用“你”；简短、友好，不用术语。

## This language
language-name = 简体中文
# As in English.
boot-direction = ltr

## Before and around the program
boot-description = 面对面，聊一聊。从你的浏览器直达对方的浏览器。
boot-slow = 加载时间有点长。如果一直这样，请重新加载页面：可能有一部分在途中丢失了。
boot-failed = Eyeline 无法在这里启动。请重新加载页面；如果还是不行，可能是你的浏览器太旧了。
boot-no-script = Eyeline 在你的浏览器中运行：请允许此页面使用 JavaScript。

## Everywhere
# As in English.
app-name = Eyeline
toast-copied = 链接已复制
toast-copied-start = 你的链接已复制：把它发给要加入的人
toast-copy-by-hand = 你的浏览器不允许此页面复制：请从地址栏复制地址
someone = 某人
list-two = { $first }和{ $second }
list-more = { $first }、{ $rest }
crashed = Eyeline 因自身的错误停止了。请重新加载页面以继续。
no-calls = 这个浏览器无法进行视频通话，或者被禁止这样做。请换一个试试。
no-randomness = 这个浏览器不提供安全的随机数，在这里无法保证通话私密。

language = 语言
language-failed = 无法加载这种语言。等网络好一些时再试一次。

## Start
start-title = 面对面，聊一聊。
start-subtitle = 从你的浏览器直达对方的浏览器。
start-call = 发起通话
start-or-paste = 或粘贴链接
start-paste-label = 通话链接
start-go = 前往此通话
start-try = 自己先试一试
start-try-hint = 在另一个标签页中打开通话
start-privacy = 无需账号，不做任何录制。画面和声音直接传给对方；如果网络不允许，则加密后经由中继传送。
start-how = 这是怎么做到的？
start-how-paths = 浏览器之间直接通话，端到端加密。需要中继时，中继只是转送它读不懂的内容。
start-how-secret = 通话的密钥在链接的 # 之后。浏览器从不发送这一部分，所以此服务器并不知道。有链接的人就能加入：只发给你想邀请的人。
start-how-limit = 瞒不过此服务器的是：你的网络地址，以及通话发生的时间。而且此页面来自它：运营者可能给你发送另一个页面。请使用你信任的服务器。
link-missing = 这个地址里没有通话：# 后面的部分缺失了。请索要完整的链接。
link-incomplete = 这个链接不完整或有误。请完整复制，或再要一次。
link-unknown-version = 这个链接来自更新版本的 Eyeline。请重新加载页面；如果还是不行，说明此服务器版本较旧。

## Lobby
lobby-title = 准备好加入了吗？
lobby-name = 你的名字
lobby-name-hint = 其他人会看到的名字
lobby-camera = 摄像头
lobby-microphone = 麦克风
check-speaker = 扬声器
lobby-level = 你的麦克风音量
lobby-join = 加入
lobby-devices = 声音和摄像头
blocked-camera = 你的浏览器在这里阻止了摄像头
blocked-microphone = 你的浏览器在这里阻止了麦克风
blocked-both = 你的浏览器在这里阻止了摄像头和麦克风
speaker-usual = 与系统播放声音的方式相同
speaker-test = 测试
speaker-test-label = 播放测试音
device-use = 使用它
speaker-lost = 你的扬声器不见了：声音改由系统默认的扬声器播放。
lobby-nobody = 通话里还没有人
lobby-one-inside = { $name } 在通话中
lobby-more-inside = { $names } 在通话中
always-relay-alone = 此服务器没有中继：只要开着此项，你就联系不到任何人。
own-picture = 你自己的画面
camera-off = 你的摄像头已关闭
camera-starting = 正在启动你的摄像头。如果浏览器询问，请允许。
camera-denied = 你的摄像头被阻止了。点击地址旁的摄像头或锁形图标，允许使用，然后在这里重新打开。你也可以不用摄像头加入。
camera-missing = 没有找到摄像头。你可以不用摄像头加入。
camera-busy = 你的摄像头没有响应：可能正被其他程序使用。你可以不用摄像头加入。
camera-unsupported = 这样打开的页面，浏览器不提供摄像头：需要 https。你可以不用摄像头加入。
microphone-denied = 你的麦克风被阻止了。点击地址旁的图标并允许使用；没有麦克风你也可以听。
microphone-missing = 没有找到麦克风。你仍然可以听。
microphone-busy = 你的麦克风没有响应：可能正被其他程序使用。
microphone-unsupported = 这样打开的页面，浏览器不提供麦克风：需要 https。

## Where the browser blocks camera or microphone (late)
try-again = 再试一次
permission-drawing = 点击的位置
permission-chromium = 点击地址前面的滑块图标，允许使用摄像头和麦克风。
permission-firefox = 点击地址前面划掉的图标，取消阻止。
permission-safari = 在 Safari 菜单中选择“此网站的设置…”，允许使用摄像头和麦克风。
permission-safari-menu = 此网站的设置…
permission-apple-touch = 轻点地址旁的图标，再点“网站设置”，允许使用摄像头和麦克风。
permission-other = 点击地址前面的图标，允许使用摄像头和麦克风。
permission-without = 也可以不用它们加入：你能看到、听到其他人。

## Devices: what happened to one (late)
microphone-fell-back = 你的麦克风现在无法使用：改用{ $device }。
camera-fell-back = 你的摄像头现在无法使用：改用{ $device }。
device-another = 另一个设备
microphone-lost = 你的麦克风不见了，也没有其他可用的：没人听得到你。
camera-lost = 你的摄像头不见了，也没有其他可用的：没人看得到你。
microphone-not-taken = 那个麦克风现在无法使用：继续用之前的。
camera-not-taken = 那个摄像头现在无法使用：继续用之前的。
screen-not-taken = 那个现在无法共享：继续共享之前的内容。
microphone-withdrawn = 你的浏览器不再允许使用麦克风：没人听得到你。点击地址旁的图标重新允许。
camera-withdrawn = 你的浏览器不再允许使用摄像头：没人看得到你。点击地址旁的图标重新允许。
microphone-interrupted = 你的系统占用了麦克风，可能是有电话。之后会自动恢复。
camera-interrupted = 你的系统占用了摄像头。之后会自动恢复。
microphone-back = 你的麦克风恢复了。
camera-back = 你的摄像头恢复了。
device-appeared = { $device } 已接入。
share-ended = 你的屏幕不再共享。
shares-itself = 你正在共享本次通话的标签页。它的声音不会发出，否则其他人会听到自己的声音。
device-appeared-unnamed = 接入了新设备。

## Sharing
share-impossible = 此设备无法共享屏幕，电脑可以。
screen-paused = { $name } 暂停了屏幕共享
microphone-rests = 暂时听不到 { $name }
camera-rests = { $name } 的画面暂时停住了
picture-spared = { $name } 的画面已暂停：连接较弱
own-picture-spared = 你发给 { $name } 的画面已暂停：连接较弱
pictures-spared = 画面已暂停：与 { $name } 的连接较弱
screen-spared = { $name } 的屏幕已暂停：连接较弱
own-screen-spared = 你发给 { $name } 的屏幕已暂停：连接较弱

## Sharing, as long as it lasts (late)
share-pause = 暂停
share-resume = 继续
share-is-paused = 已暂停：其他人看到的是最后的画面
share-sharp = 文字清晰
share-smooth = 动作流畅
share-style = 哪个更重要
share-end = 停止
screen-enlarge = 放大 { $name } 的屏幕
screen-keys = { $name } 的屏幕：加号和减号缩放，方向键移动，0 显示全部
screen-loudness = 此屏幕的音量
screens-side-by-side = 并排
screens-one = 单个屏幕
zoom = 大小
zoom-in = 拉近
zoom-out = 拉远

## Controls
mute = 将你的麦克风静音
unmute = 打开你的麦克风
camera-stop = 关闭你的摄像头
camera-start = 打开你的摄像头
share-screen = 共享你的屏幕
share-stop = 停止共享你的屏幕
copy-link = 复制此通话的链接
leave = 离开通话
controls = 通话控制

## Call
people = 通话中的人
you = 你
sharing-yourself = 你正在共享屏幕
screen-of = { $name } 的屏幕
picture-of = { $name } 的画面
is-muted = 已静音
has-no-camera = 摄像头已关闭
has-hand = 已举手
muted-talking = 你已静音：没人听得到你。
floating = { $name }：方向键移动此画面，回车键放大
more = 更多
menu-of = 选项：{ $name }

## Menus (late)
view-speaker = 发言者视图
view-grid = 网格视图
self-hide = 隐藏自己的画面
self-show = 显示自己的画面
swap = 放大显示
pin = 固定
unpin = 取消固定
full-screen = 全屏
full-screen-end = 退出全屏
in-picture = 画中画
in-picture-end = 退出画中画
in-picture-failed = 画中画还不能用：等画面出现后再试。
hand-raise = 举手
hand-lower = 放下手
devices-sound = 选择麦克风和扬声器
devices-camera = 选择摄像头

## The browser's tab; $app is our name (late)
# As in English.
tab-with = { $names } – { $app }
tab-muted = { $names }（你已静音）– { $app }
tab-alone = 还没有其他人 – { $app }
tab-reconnecting = 正在重新连接… – { $app }
tab-came = { $name } 来了 – { $app }

## How a connection stands
state-connecting = 正在连接 { $name }…
state-reconnecting = 正在重新连接 { $name }…
state-another-way = 正在尝试用另一条路连接 { $name }…
state-lost = { $name } 的连接断了。正在等 { $name } 回来…
state-gone = 无法联系到 { $name }。仍在尝试；“检查我的连接”也许能说明原因。
state-mismatch = 未连接：中间可能有人在监听。不要再使用这个链接。
quality-weak = 与 { $name } 的连接较弱
quality-bad = 与 { $name } 的连接很差：会丢失话语和画面
path-relayed = 经中继
path-relayed-hint = 与 { $name } 的连接经由中继，仍然是加密的
path-relayed-tcp-hint = 与 { $name } 的连接经由中继，走的是严格网络留下的较慢通道，仍然是加密的
path-relayed-tls-hint = 与 { $name } 的连接经由中继，走的是看起来像网页的慢速通道，仍然是加密的
solo-title = 把它发给要加入的人
solo-copy = 复制
solo-waiting = { $names } 马上就来

## Panels
check-title = 检查我的连接
connection-title = 连接
keys-title = 键盘快捷键
settings = 设置
panel-close = 关闭
panel-loading = 请稍等…
panel-not-loaded = 这一部分无法加载。请检查你的连接，关闭后再打开。

## Keys (late)
keys-what = 作用
keys-key = 按键
keys-microphone = 打开和关闭你的麦克风
keys-speak = 静音时按住即可说话
keys-camera = 打开和关闭你的摄像头
keys-share = 共享你的屏幕，以及停止共享
keys-hand = 举手和放下手
keys-copy-link = 复制此通话的链接
keys-own-picture = 隐藏自己的画面，再次显示
keys-view = 放大发言的人，或所有人一样大
keys-full-screen = 全屏和返回
keys-help = 这些快捷键
keys-close = 关闭通话上方的内容，退出全屏
key-space = 空格
# As in English.
key-escape = Esc
keys-on = 使用这些按键
keys-on-hint = 如果你用语音输入，或容易误按按键，请将其关闭。

## Said aloud to those who do not see the page: about oneself
said-muted = 你已静音
said-unmuted = 你的麦克风已打开
said-camera-on = 你的摄像头已打开
said-camera-off = 你的摄像头已关闭

## Said aloud to those who do not see the page: about others (late)
said-alone = 你在通话中。还没有其他人。
said-with = 你正在与{ $names }通话。
said-came = { $name } 来了
said-left = { $name } 离开了
said-back = { $name } 回来了
said-shares = { $name } 正在共享屏幕
said-share-ended = { $name } 停止了共享
said-hand = { $name } 举手了
said-own-hand = 你已举手
said-own-hand-down = 你已放下手

## Check my connection (late)
check-again = 再检查一次
check-copy = 复制报告
check-copied = 报告已复制
check-try = 试试摄像头和麦克风
check-play = 播放声音
check-heard = 我听到了
check-not-heard = 我什么也没听到
check-server = 服务器
check-direct = 直连通道
check-router = 你的路由器
check-addresses = 你的地址
check-relay = 中继
check-relay-tcp = 用于严格网络的中继
check-relay-tls = 用于仅限网页的网络的中继
summary-running = 正在检查你的连接…
summary-fine = 从这里应该可以正常通话。
summary-fine-by-relay = 从这里应该可以经由中继正常通话。
summary-some-unreachable = 可以和一部分人通话，但不是所有人。
summary-nobody-reachable = 在这个网络中无法通话。
summary-no-server = 无法开始通话：没能以应有的方式连上服务器。
summary-no-web-rtc = 这个浏览器无法通话。
summary-devices = 你的连接没问题。请看一下你的某个设备。
camera-waiting = 还没试过。
camera-fine = 工作正常。
microphone-waiting = 还没试过。
microphone-off = 已静音。
microphone-starting = 正在启动。如果浏览器询问，请允许。
microphone-listening = 说点什么…
microphone-fine = 它听得到你。
microphone-silent = 没有声音。看看耳机上有没有开关，并在系统的声音设置中选择正确的麦克风。
not-secure = 这样打开的页面，浏览器不提供摄像头和麦克风：地址必须以 https 开头。
speaker-waiting = 还没试过。
speaker-played = 你听到两个上升的音了吗？
speaker-fine = 你听得到。
speaker-not-heard = 调高音量，看看系统使用的是哪个扬声器。
server-trying = 正在连接…
server-fine = 有响应。
server-no-web-socket = 页面可以加载，但背后的持久连接被拒绝了。途中的代理或过滤器必须放行 WebSocket。
server-busy = 你的网络中一下子来了太多人。请一分钟后再试。
server-unreachable = 没有响应。可能是你的网络断了，也可能是服务器停了。
direct-running = 正在尝试…
direct-fine = 画面和声音可以从你的网络直达对方。
direct-blocked = 没有任何内容能从你的网络直达对方：被防火墙拦住了（UDP）。
direct-unknown = 此服务器没有办法测试这一项。
no-web-rtc = 缺少 WebRTC：被设置或扩展关闭了，或者浏览器太旧。
router-running = 正在查看…
router-none = 中间没有路由器。
router-easy = 它让其他人能找到你。
router-hard = 它让别人很难找到你（对称型 NAT）。和有些人通话时会经由中继。
router-hard-no-relay = 它让别人很难找到你（对称型 NAT），又没有可用的中继：有些人会联系不到你。
router-unknown = 无法判断：服务器的第二个端口没有响应。
addresses-hidden = 你的浏览器没有给出地址：被 VPN、扩展或设置隐藏了。这时只有中继能帮上忙。
addresses-several = 你同时在多个网络中，其中一个可能是 VPN。如果通话卡顿，试试不用它。
relay-none = 此服务器没有中继。处在严格网络后面的人将无法联系到。
relay-running = 正在尝试…
relay-fine = 工作正常。
relay-no-answer = 没有响应：你的或服务器的防火墙封住了这条通道。
relay-name-unknown = 没有找到它的名称：服务器给出的名称有误，或者你的网络查不到它。
relay-refused = 它拒绝了你的凭证。可能是服务器的时钟不准，或者它的中继用的是另一个密钥。
relay-quota = 它没有更多位置给你了。关闭其他通话标签页，或等几分钟。
relay-try-later = 它现在不行。请一分钟后再试。
relay-nothing-through = 它有响应，但没有内容通过：服务器给出的公网地址可能有误。

## Connection: what comes and goes, and what happened (late)
connection-alone = 你还没有和任何人连接。
connection-number = 下面的第 { $number } 人
connection-round-trip = 往返 { $milliseconds } 毫秒
connection-direct = 直连
connection-relayed-udp = 经中继，UDP
connection-relayed-tcp = 经中继，TCP
connection-relayed-tls = 经中继，TLS
connection-relayed-theirs = 经对方一侧的中继
connection-none = 未连接
connection-good = 良好
connection-weak = 较弱
connection-bad = 很差
connection-received = 接收
connection-sent = 发送
connection-voice = 声音
connection-picture = 画面
connection-screen = 屏幕
connection-screen-sound = 屏幕的声音
# As in English.
connection-kilobits = { $count } kbit/s
# As in English.
connection-pixels = { $width } × { $height }
connection-frames = 每秒 { $count } 帧
connection-lost = 丢失 { $percent } %
connection-story = 发生了什么
connection-story-hint = 以打开此页面后的秒数计。其中没有人名，也没有地址，所以你可以把它发给排查故障的人。
connection-copy = 复制用于故障报告
connection-copied = 已复制
connection-copy-by-hand = 你的浏览器不允许此页面复制：请选中上面的内容后复制

## The server
server-offline-call = 现在新的人无法加入。你的通话会继续。
server-back = 服务器恢复了：其他人可以再次加入。
offline-call = 你似乎离线了：联系不上其他人，也联系不上服务器。请检查你的网络；通话会自动恢复。
offline-lobby = 你似乎离线了。请检查你的网络；正在重试…
online-again = 你回来了。
overworked = 你的设备跟不上这次通话。请关闭其他程序，或关闭你的摄像头。
server-offline-lobby = 无法连接服务器。正在重试…
server-full = 这个通话已满。等有人离开后再试。
server-lobby-full = 等待这个通话的人太多了。请稍后再试。
server-lobby-timeout = 你等了很久，所以线路已关闭。
server-too-many = 你的网络中一下子来了太多人。稍后会再试…
server-outdated = 有更新版本的 Eyeline：请重新加载页面。
server-replaced = 此通话在另一个标签页中继续。
retry = 再试一次
reload = 重新加载

## Settings (late)
always-relay = 始终使用中继（隐藏我的地址）
always-relay-hint = 其他人看不到你的网络地址。所有内容都会绕远一些。
settings-sound = 声音
settings-page = 外观
settings-privacy = 隐私
camera-flip = 使用另一个摄像头
mirror-own = 镜像显示我的画面
mirror-own-hint = 只有你自己看到的是镜像。其他人看到的始终是正向的。
speaker-by-system = 你的浏览器把扬声器的选择交给系统的声音设置。
speaker-ask = 选择其他扬声器…
sound-noise = 降低噪音
sound-noise-hint = 去除风扇、键盘和街道的声音。
sound-echo = 降低回声
sound-echo-hint = 只有戴耳机时才关闭。
sound-music = 音乐
sound-music-hint = 用于乐器和歌声：声音原样送出。请戴上耳机。
theme = 颜色
theme-system = 跟随系统
theme-dark = 深色
theme-light = 浅色

## Recent calls (late)
recent = 最近的通话
recent-keep = 保留最近的通话
recent-keep-hint = 只保存在此设备上。通话的密钥就在链接里：使用这个浏览器的人可以再次加入。
recent-alone = 没有其他人来
recent-forget = 忘记这次通话：{ $names }
recent-forget-all = 全部忘记

## Afterwards
left-title = 你已离开通话
left-direct = 从浏览器直达浏览器。
left-relayed = 加密后经由中继。
left-both = 和一些人直连，和另一些人加密后经由中继。
left-after-minutes = 你在里面待了 { $minutes } 分钟。
left-after-hours = 你在里面待了 { NUMBER($hours) } 小时 { NUMBER($minutes) } 分钟。
rejoin = 重新加入
new-call = 返回首页
