package art_test
import ("testing";"os";"image/png";"fmt";"github.com/okno-hq/okno/internal/demo/art")
func TestGen(t *testing.T){ p,err:=art.NewPainter(); if err!=nil{t.Fatal(err)}
w:=func(n string,b []byte,err error){ if err!=nil{t.Fatal(err)}; os.WriteFile("/tmp/artgen/"+n,b,0o644); t.Log(n,len(b))}
var b []byte
b,err=p.Machine(3);w("machine.jpg",b,err)
b,err=p.Beans(4);w("beans.jpg",b,err)
b,err=p.Leak(5);w("leak.jpg",b,err)
b,err=p.Receipt(5,"Утро Мини","24 900 ₽","4821");w("receipt.jpg",b,err)
b,err=p.Plate(5,"Утро Мини");w("plate.jpg",b,err)
b,err=p.Screen(5);w("screen.png",b,err)
b,err=p.Steam();w("steam.gif",b,err)
b,err=p.Avatar(art.Face{Skin:0xf0c9a8,Hair:0x5b3a22,Clothes:0x2f5bea,Wall:0xd9c7b0,Long:true});w("a1.jpg",b,err)
b,err=p.Avatar(art.Face{Skin:0xe8bb95,Hair:0x2a211c,Clothes:0x3f4a3d,Wall:0xb9c9c4,Beard:true,Glasses:true});w("a2.jpg",b,err)
b,err=p.Paper("Счёт № 4821",[]art.Line{{Left:"Счёт № 4821 от 3 ноября",Size:18,Bold:true,Rule:true},{Left:"Утро Офис 40",Right:"118 000 ₽"}});w("p.pdf",b,err)
w("n.wav",art.Grinding(1),nil)
for i:=range 3 { f,_:=os.Create(fmt.Sprintf("/tmp/artgen/s%d.png",i)); png.Encode(f,p.Sticker(i)); f.Close()}
}
