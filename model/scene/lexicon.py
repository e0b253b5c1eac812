"""Every word the scene world knows, English and Chinese, and the concept it stands for.

`concept: "word|phrase|词"`. Verbs are given in their base form; `words.py` adds the other forms.
A phrase wins over its words. Append freely: a new word for an old concept needs no training.
"""

PLACES = {
    "beach": "beach|seaside|shore|seashore|coast|sand|sandy shore|by the sea|by the ocean|near the ocean|near the sea|海滩|海边|沙滩|海岸|海滨|海",
    "city": "city|downtown|street|city street|road|skyscrapers|town|avenue|urban|城市|市中心|街道|街上|大街|马路|街头|都市",
    "meadow": "meadow|hills|hill|field|grass|grassland|prairie|countryside|lawn|草地|草原|田野|山坡|丘陵|乡间|郊外",
    "moon": "moon|space|outer space|lunar|planet|on the moon|in space|月球|太空|宇宙|月亮上|外太空|星球",
    "room": "room|living room|home|house|apartment|bedroom|indoors|at home|lounge|客厅|家里|房间|屋里|卧室|室内|家中",
    "stage": "stage|theatre|theater|concert|spotlight|spotlights|concert hall|podium|舞台|剧院|演唱会|音乐会|聚光灯|台上",
    "underwater": "underwater|under the sea|under water|under the ocean|bottom of the sea|seabed|coral reef|deep sea|水下|海底|水底|深海|珊瑚",
    "forest": "forest|woods|woodland|trees|jungle|rainforest|among the trees|森林|树林|林间|丛林|林中",
    "desert": "desert|dunes|sahara|dune|沙漠|沙丘|戈壁|大漠",
    "mountains": "mountains|mountain|alps|peak|summit|mountainside|cliff|高山|山上|山顶|山峰|群山|山间|山里|雪山",
    "snowfield": "snowfield|snowy field|ice|arctic|north pole|glacier|tundra|snowy plain|雪地|雪原|冰原|冰川|北极|冰面",
    "park": "park|playground|public park|公园|游乐场|操场",
    "classroom": "classroom|school|class|lecture hall|教室|学校|课堂|校园",
    "kitchen": "kitchen|cooking area|厨房",
    "cafe": "cafe|coffee shop|restaurant|bar|diner|bistro|咖啡馆|咖啡店|餐厅|饭店|咖啡厅|酒吧",
    "market": "market|bazaar|shop|store|mall|marketplace|supermarket|shopping street|市场|集市|商店|商场|超市|店里|菜市场",
    "rooftop": "rooftop|roof|terrace|on the roof|屋顶|天台|楼顶|露台",
    "lake": "lake|river|pond|lakeside|lakeshore|riverside|harbour|harbor|湖边|湖上|湖|河边|池塘|河上|湖畔|港口|河畔",
    "garden": "garden|backyard|yard|flower garden|orchard|花园|院子|庭院|后院|花丛|果园",
    "castle": "castle|palace|fortress|tower|medieval castle|城堡|宫殿|古堡|皇宫",
    "library": "library|bookshop|bookstore|图书馆|书店|书房",
    "gym": "gym|gymnasium|fitness studio|sports hall|健身房|体育馆",
    "temple": "temple|shrine|pagoda|ruins|monastery|寺庙|庙|神社|寺院|古寺|宝塔",
    "carnival": "carnival|fair|amusement park|funfair|theme park|circus|festival|嘉年华|游乐园|庙会|马戏团|主题公园|集会",
}  # fmt: skip
TIMES = {
    "day": "day|daytime|noon|midday|daylight|afternoon|sunny day|by day|bright day|白天|中午|下午|正午|日间|午后",
    "sunset": "sunset|dusk|evening|golden hour|twilight|sundown|sunsets|日落|傍晚|黄昏|夕阳|落日|晚霞",
    "night": "night|midnight|nighttime|after dark|under the stars|moonlight|moonlit|starry night|starlight|tonight|夜晚|夜里|晚上|深夜|午夜|夜|星空下|月光下|夜色",
    "morning": "morning|dawn|sunrise|daybreak|early morning|早晨|清晨|早上|黎明|日出|凌晨|拂晓",
}  # fmt: skip
WEATHERS = {
    "clear": "clear sky|clear weather|sunny|blue sky|cloudless|no clouds|sunshine|fine weather|晴天|晴朗|阳光|蓝天|阳光明媚",
    "rain": "rain|rainy|raining|drizzle|downpour|shower|rainfall|rains|pouring rain|wet weather|雨中|下雨|雨天|细雨|大雨|雨|小雨",
    "snow": "snow|snowy|snowing|snowfall|snows|heavy snow|snowflakes|blizzard|snowstorm|下雪|雪中|雪天|大雪|飘雪|雪花|雪",
    "wind": "wind|windy|winds|strong wind|breeze|gale|breezy|blowing leaves|leaves blowing|gust|刮风|风中|大风|微风|起风|风里",
    "fog": "fog|heavy fog|thick fog|fogs|foggy|mist|misty|haze|hazy|雾中|大雾|薄雾|雾天|雾|雾气",
    "storm": "storm|stormy|thunderstorm|thunder|lightning|tempest|暴风雨|雷雨|打雷|闪电|雷电|暴雨",
}  # fmt: skip
CAMERAS = {
    "static": "static shot|fixed camera|still camera|static camera|locked shot|tripod|固定镜头|静止镜头|定镜",
    "pan": "pan|panning|panning shot|slow pan|camera pans|pan shot|摇镜头|平移镜头|横摇|摇镜",
    "zoom_in": "zoom in|zooming in|push in|close up|close-up|closeup|dolly in|camera moves closer|zooms in|推镜头|特写|拉近|推近|近景",
    "zoom_out": "zoom out|zooming out|pull back|pull out|wide reveal|dolly out|camera moves away|zooms out|拉镜头|拉远|远景",
    "follow": "tracking shot|camera follows|follow cam|following shot|track shot|follow shot|tracking camera|跟拍|跟随镜头|跟镜头|跟踪镜头",
    "orbit": "orbit|orbiting|camera circles|orbit shot|arc shot|circling camera|环绕镜头|环绕|绕拍",
    "handheld": "handheld|hand-held|shaky camera|shaky cam|documentary style|手持镜头|手持|晃动镜头",
    "crane": "crane shot|crane|from above|camera descends|camera lowers|high angle|升降镜头|摇臂|俯拍|从高处",
}  # fmt: skip
STYLES = {
    "paper": "paper|paper cut|papercut|cut paper|paper cutout|paper style|剪纸|纸艺|折纸|剪纸风格",
    "ink": "ink|ink drawing|ink wash|sumi-e|line drawing|black ink|水墨|水墨画|墨线|国画|线描",
    "chalk": "chalk|chalkboard|blackboard|chalk drawing|crayon|粉笔|粉笔画|黑板画|蜡笔",
    "pixel": "pixel|pixel art|8-bit|8 bit|retro game|pixelated|video game|像素|像素画|像素风",
    "neon": "neon|cyberpunk|glowing lines|synthwave|neon lights|neon style|霓虹|赛博朋克|霓虹灯",
    "watercolour": "watercolour|watercolor|watercolours|watercolors|aquarelle|painted|painting|水彩|水彩画|绘画",
    "poster": "poster|flat design|minimalist|screen print|retro poster|vintage poster|海报|扁平|极简|海报风",
    "comic": "comic|comic book|manga|cartoon|comics|halftone|anime|漫画|卡通|动漫|连环画",
}  # fmt: skip
KINDS = {
    "woman": "woman|lady|female|mother|mum|mom|wife|actress|queen|princess|heroine|waitress|nurse|bride|girlfriend|teacher|businesswoman|aunt|女人|女士|女子|妈妈|女性|阿姨|妇女|女演员|公主|女王|新娘|护士|老师|女友|姐姐",
    "man": "man|guy|male|gentleman|father|dad|husband|king|businessman|uncle|prince|hero|waiter|actor|knight|boyfriend|soldier|cowboy|fellow|男人|男士|男子|爸爸|男性|叔叔|先生|男演员|国王|王子|骑士|男友|哥哥|士兵",
    "girl": "girl|little girl|daughter|schoolgirl|young girl|女孩|小女孩|姑娘|小姑娘|女儿|女生",
    "boy": "boy|little boy|son|schoolboy|young boy|kid|child|男孩|小男孩|男生|儿子|小朋友|孩子|小孩",
    "grandmother": "grandmother|grandma|granny|old woman|old lady|elderly woman|elderly lady|奶奶|老奶奶|外婆|老太太|老婆婆|老妇人",
    "grandfather": "grandfather|grandpa|old man|elderly man|old guy|爷爷|老爷爷|外公|老头|老人|老先生|老汉",
    "robot": "robot|android|cyborg|machine|droid|机器人|机械人",
    "astronaut": "astronaut|spaceman|cosmonaut|space traveller|宇航员|航天员|太空人",
    "cat": "cat person|cat mascot|catgirl|cat character|kitty character|猫人|猫咪人|大猫",
    "bear": "bear|teddy|teddy bear|grizzly|熊|小熊|泰迪熊|大熊|狗熊",
    "rabbit": "rabbit|bunny|hare|兔子|小兔|小兔子|兔",
    "panda": "panda|panda bear|熊猫|大熊猫",
    "person": "person|somebody|someone|anyone|human|figure|character|people|friend|people|dancer|人|某人|人物|朋友|行人|有人",
}  # fmt: skip
COLOURS = {
    "red": "red|crimson|scarlet|ruby|红色|红|大红|赤色", "orange": "orange|橙色|橘色|橙|橘黄",
    "yellow": "yellow|golden|gold|lemon|黄色|黄|金色|金黄", "green": "green|emerald|olive green|lime|绿色|绿|翠绿",
    "blue": "blue|navy|azure|sky blue|cobalt|蓝色|蓝|天蓝|深蓝", "purple": "purple|violet|lilac|lavender|紫色|紫",
    "pink": "pink|rose|magenta|粉色|粉红|粉红色|粉", "white": "white|ivory|snow-white|cream|白色|白|雪白",
    "black": "black|jet-black|黑色|黑", "brown": "brown|beige|chestnut|棕色|褐色|棕|咖啡色",
    "grey": "grey|gray|silver|灰色|灰|银色|银", "teal": "teal|turquoise|cyan|aqua|青色|青|蓝绿色|青绿色",
}  # fmt: skip
OUTFITS = {
    "tshirt": "t-shirt|tshirt|tee|shirt|top|blouse|T恤|衬衫|恤|上衣|短袖",
    "coat": "coat|jacket|overcoat|raincoat|parka|外套|大衣|夹克|雨衣|风衣",
    "dress": "dress|gown|frock|连衣裙|裙子|长裙|礼服",
    "hoodie": "hoodie|sweater|jumper|sweatshirt|pullover|卫衣|毛衣|套头衫|连帽衫",
    "suit": "suit|tuxedo|blazer|tux|西装|西服|正装",
    "overalls": "overalls|dungarees|jumpsuit|背带裤|工装|连体裤",
    "sportswear": "sportswear|tracksuit|jersey|gym clothes|sports clothes|运动服|运动衣|球衣",
    "robe": "robe|kimono|cloak|hanfu|cape|长袍|和服|汉服|斗篷|袍子",
}  # fmt: skip
BOTTOMS = "trousers|pants|jeans|skirt|shorts|leggings|裤子|长裤|牛仔裤|短裤|半身裙"
HAIRS = {
    "short": "short|short-haired|short haired|短发|短", "long": "long|long-haired|long haired|长发|长",
    "bob": "bob|bobbed|波波头|齐肩", "curly": "curly|wavy|curls|curly-haired|卷发|卷|波浪",
    "afro": "afro|爆炸头", "ponytail": "ponytail|pony tail|马尾|马尾辫", "bun": "bun|发髻|丸子头",
    "bald": "bald|shaved head|光头|秃头", "spiky": "spiky|punk|mohawk|刺猬头|尖尖",
    "braids": "braids|braid|pigtails|plaits|braided|辫子|麻花辫|双马尾",
}  # fmt: skip
HAIR_ONLY = {"blond": "blond|blonde|fair-haired|金发", "ginger": "ginger|red hair|redhead|red-haired|auburn|红发|姜黄色"}
SKINS = {
    "fair": "fair-skinned|pale|light-skinned|pale-skinned|白皮肤|皮肤白皙|白皙",
    "tan": "tanned|tan|olive-skinned|tan-skinned|小麦色|小麦色皮肤|晒黑",
    "dark": "dark-skinned|black-skinned|brown-skinned|dark skin|深色皮肤|黑皮肤|皮肤黝黑|黝黑",
}  # fmt: skip
ACCESSORIES = {
    "glasses": "glasses|spectacles|眼镜", "sunglasses": "sunglasses|shades|墨镜|太阳镜", "cap": "cap|baseball cap|鸭舌帽|棒球帽",
    "hat": "hat|sunhat|straw hat|帽子|草帽", "scarf": "scarf|shawl|围巾", "headphones": "headphones|earphones|耳机",
    "backpack": "backpack|rucksack|schoolbag|背包|书包", "crown": "crown|tiara|皇冠|王冠", "bow": "hair bow|ribbon|蝴蝶结|发带",
    "beard": "beard|bearded|moustache|胡子|大胡子", "helmet": "helmet|头盔|安全帽",
}  # fmt: skip
MOODS = {
    "calm": "calm|calmly|quiet|quietly|peaceful|peacefully|serene|平静|安静|平静地|安静地|静静地|悠闲",
    "happy": "happy|happily|joyful|joyfully|cheerful|cheerfully|smiling|glad|laughing|merry|delighted|快乐|开心|高兴|微笑|开心地|快乐地|高兴地|欢快",
    "sad": "sad|sadly|crying|unhappy|gloomy|lonely|melancholy|悲伤|难过|伤心|哭泣|忧伤|孤独",
    "surprised": "surprised|amazed|astonished|shocked|startled|惊讶|吃惊|惊奇|震惊",
    "angry": "angry|angrily|furious|mad|grumpy|annoyed|生气|愤怒|气愤|恼怒",
    "sleepy": "sleepy|tired|drowsy|exhausted|weary|困倦|疲惫|犯困|疲倦|困",
}  # fmt: skip
ENERGY = {
    "slow": "slowly|slow|gently|lazily|leisurely|slow motion|慢慢|缓缓|慢慢地|缓慢|慢|轻轻地|轻轻",
    "fast": "quickly|fast|energetically|rapidly|hurriedly|wildly|briskly|quick|飞快|快速|迅速|快快|快|飞快地|用力",
}  # fmt: skip
VERBS = {
    "stand": "stand|stand still|wait|stand around|站|站着|站立|等待|等着|伫立", "talk": "talk|speak|chat|tell a story|give a speech|explain|say something|converse|说话|讲话|聊天|演讲|交谈|讲故事",
    "wave": "wave|wave hello|say hello|greet|wave goodbye|挥手|招手|打招呼|问好", "jump": "jump|leap|hop|jump up and down|bounce up and down|跳|跳跃|蹦跳|跳起来|蹦",
    "dance": "dance|groove|sway|move to the music|dance around|boogie|跳舞|舞动|起舞|摇摆", "disco": "disco|disco dance|dance disco|strike disco moves|跳迪斯科|迪斯科|蹦迪",
    "spin": "spin|twirl|spin around|pirouette|turn around|whirl|rotate|旋转|转圈|打转|转圈圈", "jumping_jacks": "do jumping jacks|jumping jacks|star jumps|do star jumps|开合跳|做开合跳",
    "squat": "squat|do squats|crouch|squats|deep squats|深蹲|蹲下|做深蹲|下蹲|蹲", "yoga": "do yoga|yoga|practise yoga|practice yoga|meditate|tree pose|瑜伽|做瑜伽|练瑜伽|冥想",
    "stretch": "stretch|do stretches|warm up|limber up|伸展|拉伸|伸懒腰|热身", "bow": "bow|take a bow|curtsy|bow down|鞠躬|行礼|弯腰",
    "clap": "clap|applaud|clap hands|clap their hands|give applause|鼓掌|拍手", "cheer": "cheer|celebrate|rejoice|shout for joy|cheer loudly|欢呼|庆祝|喝彩|雀跃",
    "think": "think|ponder|wonder|daydream|think hard|contemplate|reflect|思考|沉思|想事情|发呆|想", "sit": "sit|sit down|take a seat|be seated|rest|sit and rest|relax|坐|坐着|坐下|休息|歇息",
    "sleep": "sleep|nap|take a nap|lie down|doze|snooze|fall asleep|lie|睡觉|睡|躺|躺着|打盹|午睡|睡着", "sing": "sing|sing a song|perform a song|do karaoke|sing karaoke|hum|唱歌|歌唱|演唱|唱",
    "box": "box|punch|shadowbox|practise boxing|fight|throw punches|spar|打拳|拳击|出拳|练拳|打架", "fly": "fly|hover|soar|fly like a superhero|fly through the air|飞|飞翔|飞行|翱翔",
    "swim": "swim|dive|snorkel|scuba dive|paddle around|swim around|游泳|潜水|游|游动", "backflip": "do a backflip|backflip|backflips|somersault|do backflips|do a somersault|flip backwards|后空翻|空翻|翻跟头|翻跟斗",
    "cartwheel": "do a cartwheel|cartwheel|cartwheels|do cartwheels|turn cartwheels|侧手翻|侧翻", "point": "point|point at something|gesture|point ahead|指着|指向|用手指|指",
    "walk": "walk|stroll|wander|amble|take a walk|go for a walk|hike|promenade|saunter|pace|散步|走路|行走|走|漫步|步行|溜达|走着", "run": "run|sprint|jog|dash|rush|hurry|race along|跑|跑步|奔跑|慢跑|冲刺|飞奔",
    "skip": "skip|prance|frolic|skip along|hop along|gallop|蹦蹦跳跳|蹦跳着走|雀跃前行", "sneak": "sneak|tiptoe|creep|prowl|sneak around|蹑手蹑脚|悄悄走|潜行|踮脚走|偷偷走",
    "march": "march|parade|stomp|strut|goose-step|march along|行军|正步走|齐步走|踏步|大步走", "toss": "juggle|toss|throw up|toss up|throw and catch|抛|抛接|抛起|杂耍|颠",
    "bounce": "bounce|drop|dribble|let fall|拍|弹|丢下|弹跳", "kick": "kick|keep up|play football|play soccer|do keepie uppies|踢|颠球|踢足球|踢球",
    "float": "float|hang from|hang on|dangle from|drift up|飘|漂浮|飘浮|吊着|飞起", "row": "row|sail|paddle|drift|cruise|go boating|划船|划|航行|泛舟|乘船|坐船",
    "ride": "ride|pedal|glide on|骑|骑着|滑|踩|骑车|骑行", "chase": "chase|run after|pursue|follow after|追|追赶|追逐|追着",
    "play": "play|strum|jam on|perform on|弹奏|演奏|玩|拨", "beat": "beat|bang|hit|pound|敲|打鼓|敲打|击打|敲鼓",
    "read": "read|study|leaf through|look through|read through|读|看书|阅读|读书|翻阅|看", "drink": "drink|sip|taste|have a drink|喝|品|饮|喝着|喝茶|喝咖啡",
    "selfie": "take a selfie|selfie|take selfies|snap a selfie|take a photo|film themselves|自拍|拍照|拍自拍|拍视频", "show": "show|present|advertise|recommend|hold up|show off|promote|unbox|display|review|展示|介绍|推荐|举起|举着|推销|炫耀|开箱",
    "hula": "hula hoop|hula-hoop|twirl a hoop|spin a hoop|转呼啦圈|呼啦圈|摇呼啦圈", "hug": "hug|embrace|cuddle|meet and hug|run into a hug|拥抱|抱|相拥|抱在一起|抱住",
    "high_five": "high five|high-five|give a high five|slap hands|meet and high five|highfive|击掌|拍掌", "handshake": "shake hands|handshake|meet and shake hands|握手|握手言和",
    "waltz": "waltz|dance together|ballroom dance|slow dance|dance a waltz|tango|华尔兹|跳华尔兹|共舞|双人舞|交谊舞|一起跳舞", "catch": "play catch|throw a ball to each other|pass a ball|toss a ball back and forth|throw to each other|传球|互相抛球|接球|扔球|抛接球|丢球",
    "give": "give|hand over|hand|offer|bring|gives|送|递|递给|送给|交给|赠送", "race": "race|compete|race each other|run a race|have a race|race against each other|赛跑|比赛|比赛跑步|竞赛|跑步比赛",
    "hold": "hold|carry|bring along|拿着|拿|手持着|提着|打着|撑着|捧着|抱着|带着", "wear": "wear|dressed|clad|wearing|dressed in|穿|穿着|戴|戴着|身穿|扎着|留着",
}  # fmt: skip
PROPS = {
    "ball": "ball|football|basketball|soccer ball|beach ball|球|足球|皮球|篮球", "balloon": "balloon|气球",
    "boat": "boat|rowing boat|sailboat|canoe|ship|kayak|raft|rowboat|船|小船|帆船|独木舟|皮划艇", "dog": "dog|puppy|hound|doggy|pup|狗|小狗|狗狗|犬",
    "cat": "cat|kitten|kitty|猫|小猫|猫咪", "bird": "bird|seagull|sparrow|pigeon|parrot|鸟|小鸟|海鸥|鸽子|飞鸟",
    "butterfly": "butterfly|butterflies|蝴蝶", "fish": "fish|goldfish|鱼|小鱼|金鱼", "umbrella": "umbrella|parasol|雨伞|伞|阳伞",
    "skateboard": "skateboard|longboard|skate|skateboarding|skateboards|skating|skates|滑板", "bicycle": "bicycle|bike|cycling|cycles|biking|bicycling|pedalling|pedaling|自行车|骑自行车|单车|脚踏车", "kite": "kite|放风筝|风筝",
    "guitar": "guitar|ukulele|吉他|尤克里里", "drum": "drum|drums|鼓|大鼓", "microphone": "microphone|mic|麦克风|话筒",
    "book": "book|novel|magazine|newspaper|书|小说|杂志|报纸|一本书", "cup": "cup|mug|coffee|tea|cup of coffee|cup of tea|glass|杯子|咖啡|茶|水杯|一杯",
    "phone": "phone|smartphone|mobile phone|cellphone|手机|电话", "gift": "gift|present box|gift box|parcel|birthday gift|package|礼物|礼盒|盒子|包裹",
    "flower": "flower|bouquet|flowers|rose flower|tulip|花|鲜花|花束|玫瑰|一束花", "lantern": "lantern|lamp|灯笼|提灯|灯", "flag": "flag|banner|旗|旗子|旗帜",
    "ice_cream": "ice cream|ice-cream|icecream|popsicle|冰淇淋|雪糕|冰棍|冰激凌", "cake": "cake|birthday cake|pie|蛋糕|生日蛋糕",
    "chair": "chair|stool|bench|椅子|凳子|长椅", "snowman": "snowman|雪人", "hoop": "hoop|ring|圈|铁环",
    "suitcase": "suitcase|luggage|trunk|briefcase|bag|行李箱|箱子|手提箱|包", "sign": "sign|placard|board|billboard|poster board|牌子|标牌|标语|告示牌",
    "product": "product|item|goods|merchandise|package of goods|bottle|商品|产品|货品|瓶子|新品",
}  # fmt: skip
STRUCTURE = {
    "and": "and|plus|&|和|与|跟|以及|还有", "while": "while|as|whilst|next to|beside|同时|一边|旁边|而", "then": "then|and then|after that|afterwards|before|suddenly|然后|接着|随后|之后|再|突然",
    "with": "with|accompanied by|together with|along with|near|alongside|带|有|伴着|身边有|附近", "two": "two|both|couple|pair|a pair of|couple of|两个|两|俩|一对|二",
    "three": "three|trio|三个|三|三位|仨", "one": "alone|single|solo|独自|单独|一个人", "hair": "hair|haired|头发|发", "on_stand": "on a stand|on display|on a pedestal|on a table|展台上|放在台上|摆在|架子上",
    "left": "to the left|leftwards|left|向左|往左|左", "right": "to the right|rightwards|right|向右|往右|右", "to": "to|toward|towards|给",
    "style": "style|in the style of|look|风格|风", "bottom": BOTTOMS,
}  # fmt: skip
# words that carry no picture: passed over without a remark
EMPTY = set("""surface heavy heavily above below behind beyond watch watches watching electric perform performs performing
distance far away outside inside outdoors edge center centre corner end top bottom there's someone's cheeky funny strange famous elegant
modern ancient traditional busy empty crowded sparkling shining glowing gentle strong thick thin deep high low open wonderful playfully
gracefully elegantly loudly softly proudly shyly carefully boldly freely alone's please's favourite favorite own best morning's one a an the is are was were be been being am it its it's of on in at by for from into onto over under up down
out off his her their our my your this that these those there here he she they we i you him them us who whom which what
some any very really quite just also so too such each other another one's own all every few more most much many lot lots
scene video clip shot camera film movie picture image show's make made makes create generate please want see seen get gets
going go goes gone went do does did doing done have has had having can could will would should may might must let lets around along through
across about against between among amid during until when where why how if but or nor not no yes than like new little small big large
tall tiny huge beautiful pretty lovely nice cute great good old young wonderful amazing magical colourful colorful bright soft
light warm cold cool fresh sweet dear soft full whole middle side front back bit way air ground sky sun floor background foreground
themselves himself herself itself together everyone everybody something nothing starts start begins begin keeps keep stays stay
looks looking moving moves move comes come coming while's again once twice always never still now ever first second last next weather time moment
clothes clothing outfit colored coloured color colour haircut head face eyes hand hands arm arms leg legs skin body music song story life world
bright-eyed wide slow-motion dramatic cinematic epic atmosphere mood lighting detailed quality high hd 4k 3d aesthetic vibe feel style's""".split())
EMPTY_ZH = set("先 放 抓 抓着 空 空中 上空 远方 远处 附近 开始 热闹 优雅 漂亮的 独特 有趣 自己 自由 大声 认真 认真地 努力 忽然 突然间 那里 这里 周围 四周 背景 到处 整个 满 满是 中央 中间 其中 的 了 在 着 里 上 下 中 地 得 一 一个 一位 一名 一只 一条 一把 一辆 个 位 名 只 条 把 辆 这 那 这个 那个 他 她 它 们 他们 她们 我 你 我们 你们 是 有点 很 非常 正在 正 吧 呢 啊 吗 也 都 就 向 从 到 往 用 为 被 让 请 画面 视频 镜头 场景 天 天气 时 时候 时分 里面 上面 下面 前 后 前面 后面 左右 一起 互相 彼此 对 去 来 过 做 生成 一段 拍摄 美丽 可爱 漂亮 年轻 小 大 老 高 新 美 身上 手里 手中 手上 一些 几 些 起 头 衣服 衣 颜色 色 皮肤 边 之 并 且 并且 正当 给 对着 张 件 顶 艘 块 副 束 杯 本 身 面".split())
