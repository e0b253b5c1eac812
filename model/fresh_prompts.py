# ruff: noqa: E501, RUF001
"""240 prompts in free wording, 120 of them Chinese, written before anybody looked into the lexicon for
gaps: `prompt | what it asks for`, as `section:name` concepts, by hand (a harbour, which the world had
not, was struck from eight wishes before anything was measured).

The first look, with the lexicon as it was, stands in docs/training.md. Afterwards the lexicon was mended
with their gaps among others, so that every later figure on them is kind. Where a prompt corrects itself
("no wait"), the last wish counts, as a person would read it. With the 60 of `free_prompts.FREE` (after
which eleven words had been added to the lexicon) they are the set of 300."""

_ENGLISH = """
Two old friends give each other a big hug outside the temple gates at first light | place:temple time:morning act:hug people:2
make a robot do a handstand roll... no wait, make it turn cartwheels in the gymnasium | kind:robot place:gym act:cartwheel
jumping rabbit, snowfield, starry night | kind:rabbit place:snowfield time:night act:jump
I'd love to see my grandma skateboarding through downtown | kind:grandmother place:city act:skateboard prop:skateboard
A lonely spaceman wanders across a cratered grey plain, earth in the sky | kind:astronaut place:moon act:walk
In a cosy coffee shop a lady in a burgundy coat is reading a novel while rain streams down the windows | kind:woman place:cafe weather:rain act:read
Kids racing along the sand as the sun goes down | place:beach time:sunset act:race
A bloke in a yellow raincoat struggles through a gale on the pier | kind:man weather:wind top:yellow
chalk drawing of a little girl dancing in the school classroom | kind:girl place:classroom style:chalk act:dance
Slow zoom on a bear meditating in a yoga pose among the pines | kind:bear place:forest camera:zoom_in act:yoga
a woman belts out a tune under the spotlight, comic style | kind:woman place:stage style:comic act:sing
Pixelated panda sprinting through the fairground after dark | kind:panda place:carnival time:night style:pixel act:run
Teenage boy doing keepie-uppies with an orange soccer ball in the park | kind:boy place:park act:kick prop:ball prop_colour:orange
A pensioner plays the drums in his living room | kind:grandfather place:room act:drum prop:drum
Mermaid-style shot: a lady glides underwater past a shoal, one blue fish beside her | kind:woman place:underwater act:swim prop:fish prop_colour:blue
an emperor-like man in golden robes points at the horizon from the castle walls | kind:man place:castle top:yellow act:point
Watercolour sketch of a girl holding a crimson umbrella, strolling in the drizzle | kind:girl weather:rain style:watercolour act:walk prop:umbrella prop_colour:red
A cat in a hoodie shadow-boxes on the roof at dawn | kind:cat place:rooftop time:morning act:box
Two businessmen seal the deal with a handshake in front of skyscrapers | kind:man place:city act:handshake people:2
someone in a green jumper sneaks past the bookshelves, camera follows | place:library camera:follow top:green act:sneak
A boy lets go of a ball and it bounces on the kitchen floor | kind:boy place:kitchen act:bounce prop:ball
An old man dozes in the garden on a sunny day | kind:grandfather place:garden time:day act:sleep
Robot butler sips tea in a tearoom | kind:robot place:cafe act:drink
Bunny plays catch with a panda in the meadow, a white ball flying between them | place:meadow act:catch prop:ball prop_colour:white people:2
A woman in violet does star jumps on the beach | kind:woman place:beach top:purple act:jumping_jacks
crane shot over the market: a man waves to everybody | kind:man place:market camera:crane act:wave
A girl blows... no, a girl floats away holding a blue balloon over the mountains | kind:girl place:mountains act:balloon prop:balloon prop_colour:blue
A couple waltzing on stage in evening light | place:stage time:sunset act:waltz people:2
The astronaut cheers wildly on the moon, neon glow everywhere | kind:astronaut place:moon style:neon act:cheer
grandfather pedals his black bicycle along the foggy lake | kind:grandfather place:lake weather:fog act:bicycle prop:bicycle prop_colour:black
A dog runs ahead and a boy chases it through the autumn woods | kind:boy place:forest act:chase prop:dog
Pop art poster look: a lady in pink snaps a selfie in front of the castle | kind:woman place:castle style:poster top:pink act:selfie prop:phone
An old woman gives flowers to a young man at the harbour | kind:grandmother act:give prop:flower
he's doing squats in the gym, shaky camera | kind:man place:gym camera:handheld act:squat
a shopkeeper presents a golden gift to the camera at the bazaar | place:market act:show prop:gift prop_colour:yellow
A superhero boy soars above the city at dusk | kind:boy place:city time:sunset act:fly
Ink wash painting of a monk bowing before the pagoda in falling snow | kind:man place:temple weather:snow style:ink act:bow
The bear strums a brown guitar by a calm lake | kind:bear place:lake act:guitar prop:guitar prop_colour:brown
woman tossing a purple ball up and down in the garden at noon | kind:woman place:garden time:day act:toss prop:ball prop_colour:purple
A tired grandad sits on a chair in the park | kind:grandfather place:park act:sit prop:chair
Orbiting camera around a man clapping on a skyscraper's roof | kind:man place:rooftop camera:orbit act:clap
A girl scratches her chin and wonders about her homework in class | kind:girl place:classroom act:think
An elderly lady stretches in the morning mist by the sea | kind:grandmother place:beach time:morning weather:fog act:stretch
a white cat twirls round and round on a carousel ground | kind:cat place:carnival act:spin
High five! Two girls celebrate in the sports hall | kind:girl place:gym act:high_five people:2
A man skips happily down a mountain trail | kind:man place:mountains act:skip
Soldiers-style march of a robot across the desert in a sandy wind | kind:robot place:desert weather:wind act:march
a woman talks to the viewers from her kitchen, explaining something | kind:woman place:kitchen act:talk
Disco fever: a guy in a red suit points up and down on the dance floor on stage | kind:man place:stage top:red act:disco
A black cat watches while a kid flies a yellow kite in the meadow | place:meadow act:kite prop:kite prop_colour:yellow
Somebody paddles a red rowboat through the storm | weather:storm act:boat prop:boat prop_colour:red
small girl keeps a hula hoop spinning at the funfair | kind:girl place:carnival act:hoop
Blizzard on the peaks; an explorer in a blue parka trudges on | place:mountains weather:snow top:blue act:walk
Panda does a backflip off the rock in a bamboo forest | kind:panda place:forest act:backflip
a lady hands a teal present to her husband in the sitting room | kind:woman place:room act:give prop:gift prop_colour:teal
the camera pulls back from a boy standing alone in the dunes | kind:boy place:desert camera:zoom_out act:stand
A ginger-haired woman in a white dress runs along the shore in the rain | kind:woman place:beach weather:rain top:white act:run
Early in the day, three friends dance on a rooftop | place:rooftop time:morning act:dance people:3
a rabbit with a purple lantern tiptoes through the dark forest at night | kind:rabbit place:forest time:night act:sneak prop:lantern prop_colour:purple
A shop assistant shows a brown product on a stand in the mall | place:market act:show prop:product prop_colour:brown
An angry granny boxes the air outside the temple | kind:grandmother place:temple act:box
A snowman stands next to a girl who waves hello | kind:girl act:wave prop:snowman
Man with an ice cream strolls round the fair as evening falls | kind:man place:carnival time:sunset act:walk prop:ice_cream
A fox-like... never mind, a cat plays guitar on the moon | kind:cat place:moon act:guitar
Businesswoman carrying a grey suitcase dashes through the rainy street | kind:woman place:city weather:rain act:run prop:suitcase prop_colour:grey
Low clouds hug the ground as a shepherd in brown leads nobody across the grassland | place:meadow weather:fog top:brown act:walk
pan across a library where an old gentleman reads | kind:grandfather place:library camera:pan act:read
Bear and panda shake paws beneath the palm trees on the seaside | place:beach act:handshake people:2
A toddler boy jumps for joy in the snow | kind:boy weather:snow act:jump
Cartoon comic panel: a robot drinks a cup of oil in the kitchen | kind:robot place:kitchen style:comic act:drink prop:cup
A woman holding a pink flower spins in the palace garden | kind:woman act:spin prop:flower prop_colour:pink
Lightning flashes as a man stands on the battlements | kind:man place:castle weather:storm act:stand
8-bit game scene: a boy runs through the desert | kind:boy place:desert style:pixel act:run
Grandmother and grandson embrace at the doorstep on a snowy evening | kind:grandmother weather:snow act:hug
A diver-astronaut swims beneath the waves | kind:astronaut place:underwater act:swim
butterfly flutters around a girl who does yoga on the lawn | kind:girl act:yoga prop:butterfly
a chap cycling downtown, tracking shot, sunset | kind:man place:city time:sunset camera:follow act:bicycle
A panda in an orange hoodie claps on stage | kind:panda place:stage top:orange act:clap
The kid naps in the library, nobody notices | place:library act:sleep
Bird overhead, an old man stretches his arms in the square at daybreak | kind:grandfather time:morning act:stretch prop:bird
Neon-lit rooftop at midnight, a woman in teal grooves | kind:woman place:rooftop time:night style:neon top:teal act:dance
A man bounces a green ball in the schoolroom | kind:man place:classroom act:bounce prop:ball prop_colour:green
A girl beats a red drum on the village stage while folks listen | kind:girl place:stage act:drum prop:drum prop_colour:red
Elderly couple row a boat at the harbour | act:boat prop:boat
paper cut-out style: a rabbit gives a cake to a cat | style:paper act:give prop:cake people:2
Woman lifts a white sign above her head at the plaza and smiles | kind:woman prop:sign prop_colour:white
Fly me over the desert, says the robot, and flies | kind:robot place:desert act:fly
Close in slowly: a pensive man in a black coat, temple steps, light snow | kind:man place:temple weather:snow camera:zoom_in top:black act:think
a boy with a blue flag marches around the park | kind:boy place:park act:march prop:flag prop_colour:blue
Young lady sings into a microphone in a jazz café | kind:woman place:cafe act:sing prop:microphone
The cat cartwheels down the beach | kind:cat place:beach act:cartwheel
At noon on the snowfield, a bear sits down | kind:bear place:snowfield time:day act:sit
Storm rages, two robots box in the street | kind:robot weather:storm act:box people:2
A groom in a white suit waltzes with his bride by the lakeside | place:lake top:white act:waltz people:2
toss the pink ball, little bunny, toss it in the backyard | kind:rabbit place:garden act:toss prop:ball prop_colour:pink
The chef waves from his kitchen in the early hours of the morning | place:kitchen time:morning act:wave
Foggy moor... well, a foggy meadow, and a lady in grey walking | kind:woman place:meadow weather:fog top:grey act:walk
A gust blows while a man flies his green kite on the beach | kind:man place:beach weather:wind act:kite prop:kite prop_colour:green
poster style grandpa, jumping jacks, bright day | kind:grandfather time:day style:poster act:jumping_jacks
A boy and a girl slap hands in the air at the playground | act:high_five people:2
An astronaut pushes... rides a skateboard over the lunar dust | kind:astronaut place:moon act:skateboard prop:skateboard
a cat chases... no: a woman chases a cat across the roof terrace | kind:woman place:rooftop act:chase prop:cat
Girl in a blue uniform reads aloud in class | kind:girl place:classroom top:blue act:read
The robot squats and squats in the living room | kind:robot place:room act:squat
evening at the pond, a grandmother throws and catches a ball with a boy | kind:grandmother place:lake time:sunset act:catch prop:ball
A woman with a black phone takes a picture of herself on the cliff | kind:woman act:selfie prop:phone prop_colour:black
A panda meanders between the market stalls holding a red lantern | kind:panda place:market act:walk prop:lantern prop_colour:red
Watercolor: old harbour, misty dawn, a man drinks coffee | kind:man time:morning weather:fog style:watercolour act:drink
Dreamy scene of a girl hanging on to a balloon above a castle | kind:girl place:castle act:balloon prop:balloon
A rabbit skips rope... I mean just skips through the carnival | kind:rabbit place:carnival act:skip
An old man and his grandson race through the park | kind:grandfather place:park act:race people:2
handheld: woman in orange vaults... does a somersault in the gym | kind:woman place:gym camera:handheld top:orange act:backflip
A lady bows deeply at the end of her show, stage at night | kind:woman place:stage time:night act:bow
The bear cheers in the stands of the carnival | kind:bear place:carnival act:cheer
Robot pointing at a purple drum in a classroom | kind:robot place:classroom act:point prop:drum prop_colour:purple
a man chats away on the rooftop with a cup in hand | kind:man place:rooftop act:talk prop:cup
sleepy panda lying down on the moon | kind:panda place:moon act:sleep
An orange-shirted kid kicks a ball around in the desert heat at midday | place:desert time:day top:orange act:kick prop:ball
A mother hugs her little boy underwater, bubbles all around | place:underwater act:hug people:2
two women in a sunlit kitchen, one dancing | kind:woman place:kitchen act:dance people:2
"""
_CHINESE = """
清晨，两位老友在寺庙门口紧紧拥抱 | place:temple time:morning act:hug people:2
让机器人在体育馆里做侧手翻 | kind:robot place:gym act:cartwheel
星空下的雪地里，一只兔子蹦蹦跳跳 | kind:rabbit place:snowfield time:night act:jump
我想看奶奶在市中心玩滑板 | kind:grandmother place:city act:skateboard prop:skateboard
孤独的宇航员在月球表面漫步 | kind:astronaut place:moon act:walk
窗外下着雨，穿酒红色大衣的女士在咖啡厅看小说 | kind:woman place:cafe weather:rain act:read
夕阳西下，孩子们在沙滩上比赛跑步 | place:beach time:sunset act:race
狂风里，穿黄色雨衣的大叔走在码头上 | kind:man weather:wind top:yellow act:walk
粉笔画风格，小姑娘在课堂上跳舞 | kind:girl place:classroom style:chalk act:dance
镜头慢慢推近，一只熊在树林里练瑜伽 | kind:bear place:forest camera:zoom_in act:yoga
女歌手在舞台上放声歌唱，漫画风 | kind:woman place:stage style:comic act:sing
像素游戏画面：熊猫晚上在游乐场狂奔 | kind:panda place:carnival time:night style:pixel act:run
少年在公园颠橙色足球 | kind:boy place:park act:kick prop:ball prop_colour:orange
退休老大爷在客厅里打鼓 | kind:grandfather place:room act:drum prop:drum
海底世界，一位姑娘游泳，身边游过一条蓝色的鱼 | place:underwater act:swim prop:fish prop_colour:blue
穿金色长袍的男人站在城堡上指着远方 | kind:man place:castle top:yellow act:point
水彩风，小女孩撑着红伞在细雨中散步 | kind:girl weather:rain style:watercolour act:walk prop:umbrella prop_colour:red
黎明的屋顶上，一只穿卫衣的猫在练拳击 | kind:cat place:rooftop time:morning act:box
高楼前，两名男士握手达成协议 | kind:man place:city act:handshake people:2
有人穿着绿色毛衣，蹑手蹑脚地走过书架，镜头跟随 | place:library camera:follow top:green act:sneak
男孩松手让皮球在厨房地上弹跳 | kind:boy place:kitchen act:bounce prop:ball
大晴天，老爷爷在花园里打盹 | kind:grandfather place:garden time:day act:sleep
机器人管家在茶馆品茶 | kind:robot place:cafe act:drink
兔子和熊猫在草原上互相抛接一个白球 | place:meadow act:catch prop:ball prop_colour:white people:2
穿紫衣服的女人在海滩上做开合跳 | kind:woman place:beach top:purple act:jumping_jacks
升降镜头，集市上一个男人向大家招手 | kind:man place:market camera:crane act:wave
小女孩抓着蓝气球飘在群山之上 | kind:girl place:mountains act:balloon prop:balloon prop_colour:blue
暮色中，一对夫妻在台上跳华尔兹 | place:stage time:sunset act:waltz people:2
霓虹灯光里，宇航员在月亮上欢呼 | kind:astronaut place:moon style:neon act:cheer
大雾天，爷爷骑着黑色单车沿着湖边走 | kind:grandfather place:lake weather:fog act:bicycle prop:bicycle prop_colour:black
小男孩在秋天的林子里追一只狗 | kind:boy place:forest act:chase prop:dog
海报风格，穿粉色衣服的女孩在城堡前自拍 | kind:girl place:castle style:poster top:pink act:selfie
港口边，老奶奶把花送给年轻小伙子 | kind:grandmother act:give prop:flower
他在健身房做深蹲，手持拍摄 | kind:man place:gym camera:handheld act:squat
集市摊主向镜头展示一个黄色礼盒 | place:market act:show prop:gift prop_colour:yellow
黄昏，超人小子飞越城市上空 | kind:boy place:city time:sunset act:fly
水墨风，大雪纷飞，僧人在古寺前鞠躬 | kind:man place:temple weather:snow style:ink act:bow
狗熊在平静的湖边弹棕色吉他 | kind:bear place:lake act:guitar prop:guitar prop_colour:brown
中午，妇女在花园里把紫色皮球抛来抛去 | kind:woman place:garden time:day act:toss prop:ball prop_colour:purple
累坏了的老头坐在公园的椅子上 | kind:grandfather place:park act:sit prop:chair
镜头环绕，一个男人在天台上鼓掌 | kind:man place:rooftop camera:orbit act:clap
女学生在教室里思考难题 | kind:girl place:classroom act:think
海边的晨雾里，老太太伸懒腰 | kind:grandmother place:beach time:morning weather:fog act:stretch
白猫在嘉年华上转圈圈 | kind:cat place:carnival act:spin
两个女孩在体育馆里击掌庆祝 | kind:girl place:gym act:high_five people:2
男人开心地在山路上蹦跳着走 | kind:man place:mountains act:skip
大风天，机器人在沙漠里踏步前进 | kind:robot place:desert weather:wind act:march
主妇在厨房里对着镜头讲话 | kind:woman place:kitchen act:talk
舞台上，穿红西装的小伙子跳迪斯科 | kind:man place:stage top:red act:disco
小朋友在草地上放黄色的风筝 | place:meadow act:kite prop:kite prop_colour:yellow
暴风雨中，有人划着红色小船 | weather:storm act:boat prop:boat prop_colour:red
小丫头在游乐园转呼啦圈 | kind:girl place:carnival act:hoop
山顶暴雪，穿蓝色羽绒服的探险家艰难前行 | place:mountains weather:snow top:blue act:walk
熊猫在竹林里来个后空翻 | kind:panda place:forest act:backflip
客厅里，妻子把青色礼物递给丈夫 | kind:woman place:room act:give prop:gift prop_colour:teal
镜头拉远，男孩独自站在沙丘上 | kind:boy place:desert camera:zoom_out act:stand
雨中，穿白裙子的女子沿着海岸奔跑 | kind:woman place:beach weather:rain top:white act:run
一大早，三个好朋友在楼顶跳舞 | place:rooftop time:morning act:dance people:3
兔子提着紫色灯笼，夜里悄悄穿过森林 | kind:rabbit place:forest time:night act:sneak prop:lantern prop_colour:purple
导购员在商场介绍展台上的棕色产品 | place:market act:show prop:product prop_colour:brown
愤怒的老奶奶在寺庙外打拳 | kind:grandmother place:temple act:box
雪人旁边，一个女孩挥手打招呼 | kind:girl act:wave prop:snowman
傍晚，男子拿着冰淇淋逛游乐场 | kind:man place:carnival time:sunset act:walk prop:ice_cream
一只猫在月球弹吉他 | kind:cat place:moon act:guitar
拎着灰色行李箱的女白领在雨中的街道狂奔 | kind:woman place:city weather:rain act:run prop:suitcase prop_colour:grey
浓雾笼罩，穿棕色衣服的牧羊人走在草原上 | place:meadow weather:fog top:brown act:walk
镜头横摇，老先生在图书馆阅读 | kind:grandfather place:library camera:pan act:read
海边，熊和熊猫握手 | place:beach act:handshake people:2
小男孩在雪里高兴得跳起来 | kind:boy weather:snow act:jump
漫画格子：机器人在厨房里喝一杯机油 | kind:robot place:kitchen style:comic act:drink prop:cup
手拿粉色花朵的女人在花园里旋转 | kind:woman place:garden act:spin prop:flower prop_colour:pink
电闪雷鸣，男人站在城墙上 | kind:man place:castle weather:storm act:stand
像素风，男孩跑过沙漠 | kind:boy place:desert style:pixel act:run
下雪的傍晚，外婆和外孙抱在一起 | kind:grandmother time:sunset weather:snow act:hug
宇航员在海里游泳 | kind:astronaut place:underwater act:swim
蝴蝶绕着草坪上做瑜伽的女孩飞 | kind:girl act:yoga prop:butterfly
日落时分，一个男的在闹市骑车，跟踪镜头 | kind:man place:city time:sunset camera:follow act:bicycle
穿橙色卫衣的熊猫在台上拍手 | kind:panda place:stage top:orange act:clap
孩子在图书馆睡着了 | place:library act:sleep
天刚亮，老大爷伸展双臂，一只鸟飞过 | kind:grandfather time:morning act:stretch prop:bird
午夜霓虹屋顶，穿青色衣服的女人热舞 | kind:woman place:rooftop time:night style:neon top:teal act:dance
男子在教室里拍绿色的球 | kind:man place:classroom act:bounce prop:ball prop_colour:green
女孩在村里的舞台上敲红色的鼓 | kind:girl place:stage act:drum prop:drum prop_colour:red
一对老人在港湾里划船 | act:boat prop:boat
剪纸风格，兔子送给猫一个蛋糕 | style:paper act:give prop:cake people:2
女子高举白色牌子微笑 | kind:woman prop:sign prop_colour:white
机器人飞过沙漠 | kind:robot place:desert act:fly
镜头推进：小雪，寺庙台阶，穿黑大衣的男人若有所思 | kind:man place:temple weather:snow camera:zoom_in top:black act:think
男孩举着蓝色旗子绕公园行军 | kind:boy place:park act:march prop:flag prop_colour:blue
年轻女郎在酒吧咖啡馆里拿着麦克风唱歌 | kind:woman place:cafe act:sing prop:microphone
猫咪沿着沙滩翻跟头似的侧翻 | kind:cat place:beach act:cartwheel
正午雪原，一头熊坐了下来 | kind:bear place:snowfield time:day act:sit
雷暴中，两个机器人在街上互殴打拳 | kind:robot place:city weather:storm act:box people:2
湖边，穿白西服的新郎与新娘跳华尔兹 | place:lake top:white act:waltz people:2
小兔子在后院里抛粉红色的球 | kind:rabbit place:garden act:toss prop:ball prop_colour:pink
凌晨的厨房，厨师挥挥手 | place:kitchen act:wave
穿灰衣的妇人走在雾蒙蒙的草地上 | kind:woman place:meadow weather:fog top:grey act:walk
海滩起大风，男人放绿色纸鸢 | kind:man place:beach weather:wind act:kite prop:kite prop_colour:green
海报风，老爷子白天做开合跳 | kind:grandfather time:day style:poster act:jumping_jacks
操场上，一男一女两个孩子击掌 | act:high_five people:2
宇航员在月面上滑滑板 | kind:astronaut place:moon act:skateboard prop:skateboard
女人在楼顶上追一只猫 | kind:woman place:rooftop act:chase prop:cat
穿蓝色校服的女生在教室朗读 | kind:girl place:classroom top:blue act:read
机器人在客厅里不停深蹲 | kind:robot place:room act:squat
傍晚湖畔，奶奶和孙子玩接球 | kind:grandmother place:lake time:sunset act:catch prop:ball
悬崖边，女子用黑色手机自拍 | kind:woman act:selfie prop:phone prop_colour:black
熊猫提着红灯笼逛集市 | kind:panda place:market act:walk prop:lantern prop_colour:red
水彩：旧码头，薄雾清晨，男人喝咖啡 | kind:man time:morning weather:fog style:watercolour act:drink
梦幻画面：女孩挂在气球上飞过城堡 | kind:girl place:castle act:balloon prop:balloon
兔子蹦蹦跳跳地穿过嘉年华 | kind:rabbit place:carnival act:skip
爷孙俩在公园赛跑 | kind:grandfather place:park act:race people:2
手持镜头，穿橙色衣服的女生在体操馆翻跟头 | kind:woman place:gym camera:handheld top:orange act:backflip
夜晚的舞台，女演员谢幕鞠躬 | kind:woman place:stage time:night act:bow
小熊在游乐场里欢呼雀跃 | kind:bear place:carnival act:cheer
教室里，机器人指着紫色的鼓 | kind:robot place:classroom act:point prop:drum prop_colour:purple
男人端着杯子在天台上聊天 | kind:man place:rooftop act:talk prop:cup
犯困的熊猫躺在月球上睡觉 | kind:panda place:moon act:sleep
正午沙漠酷热，橙色上衣的小孩踢球 | place:desert time:day top:orange act:kick prop:ball
母亲在水下抱着小男孩，四周都是气泡 | kind:woman place:underwater act:hug people:2
阳光明媚的厨房里有两个女人，其中一个在跳舞 | kind:woman place:kitchen act:dance people:2
"""
# something the world has no picture for | the word that must be told
_UNKNOWN = """
a crocodile naps by the lake | crocodile
my uncle repairs a tractor in the meadow | tractor
a girl plays the trumpet on stage | trumpet
a spaceship lands on the moon behind an astronaut | spaceship
two knights fight with swords at the castle | swords
a waiter carries a pizza through the cafe | pizza
a unicorn gallops in the forest | unicorn
a boy surfs a wave at the beach | surfs
a train passes the market | train
an octopus waves underwater | octopus
a woman knits a sweater in the living room | knits
the chef chops onions in the kitchen | onions
a lion roars at the carnival | lion
a man paints the wall of his garage | paints
a penguin slides over the snowfield | penguin
rocket launch in the desert, robot watching | rocket
a girl builds a sandcastle | sandcastle
grandpa fishes with a rod at the lake | rod
a camel walks in the desert | camel
vampire dancing in the castle at night | vampire
火车穿过山谷 | 火车
一只长颈鹿在公园散步 | 长颈鹿
女孩在舞台上吹小号 | 小号
骑士挥着剑站在城堡前 | 剑
厨师在厨房里切洋葱 | 洋葱
独角兽在森林里奔跑 | 独角兽
宇宙飞船降落在月球上 | 飞船
爷爷在湖边钓鱼 | 钓
一只企鹅在雪地里跳舞 | 企鹅
男人在沙漠里骑骆驼 | 骆驼
孩子在沙滩上堆沙堡 | 沙堡
妈妈在客厅织毛衣 | 织
男孩吃披萨 | 披萨
鳄鱼在河边睡觉 | 鳄鱼
吸血鬼在夜里唱歌 | 吸血鬼
"""


def _rows(text: str) -> tuple[tuple[str, str], ...]:
    pairs = [line.split(" | ") for line in text.strip().splitlines()]
    return tuple((prompt, asks) for prompt, asks in pairs)


FRESH = _rows(_ENGLISH) + _rows(_CHINESE)
FRESH_UNKNOWN = _rows(_UNKNOWN)
