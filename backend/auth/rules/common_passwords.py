"""Passwords that are guessed first, folded and without digits or signs around them."""

_COMMON_PASSWORDS = """
    abc123 access account admin administrator alexander amanda america andrea andrew angel angels anthony apple
    asdf asdfgh asdfghjkl ashley august azerty babygirl bailey banana baseball basketball batman beautiful
    bismillah blink bonjour brandon buster butterfly charlie cheese chelsea chocolate computer cookie corvette
    cowboy dallas daniel default diamond doctor dragon dolphin eminem estrella facebook family ferrari flower
    football forever freedom friend friends fuckyou gateway george ginger google guest hallo hannah hannover
    harley heather hello helloworld hockey hola hunter iloveyou internet jasmine jennifer jessica jesus jordan
    joshua juventus justin killer kitten letmein liverpool login london loulou lovely loveme lovers lucky madrid
    maggie magic manchester marina master matrix matthew melissa michael michelle microsoft minecraft mission
    monday monkey mustang mypassword naruto nicole nothing october office orange pakistan passwort password
    passw0rd passwords pass pepper pokemon polska princess princesa purple qazwsx qazwsxedc qwaszx qwer qwert
    qwerty qwertyuiop qwertz rainbow ranger realmadrid rendezvous robert samsung samantha schatz secret security
    september shadow sommer soccer spiderman spring starwars stella summer sunday sunflower sunshine superman
    taylor teacher tequiero test tester testing thomas thunder tigger tinkerbell trustno trustnoone unknown user
    username victoria welcome whatever william winter yankees yellow zaq xsw zaqxsw zxcvbn zxcvbnm zxcvb asd qwe
    motdepasse contrasena senha parola haslo salasana wachtwoord losenord kennwort hejsan azertyuiop ficken berlin
    football1 changeme changeit letmeinnow iloveyou1 correcthorsebatterystaple
"""
COMMON_PASSWORDS = frozenset(_COMMON_PASSWORDS.split())
"""Made here from the words that lead every published count of leaked passwords, in the larger languages of Europe too.

Digits and signs around a word, and digits within it that stand for letters, are taken away before it is looked up."""
