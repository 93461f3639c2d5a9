namespace OpsConsole.Core.Access;

public sealed class PasswordRulesTests
{
    [Theory]
    [InlineData("short")]
    [InlineData("elevenchars")]
    [InlineData("password1234")]
    [InlineData("Password123!")]
    [InlineData("P@ssw0rd1234")]
    [InlineData("123456789012")]
    [InlineData("aaaaaaaaaaaa")]
    [InlineData("abcabcabcabc")]
    [InlineData("abcdefghijkl")]
    [InlineData("qwertyuiop[]")]
    [InlineData("qwertyuiopas")]
    [InlineData("1qaz2wsx3edc")]
    [InlineData("letmeinletmein")]
    [InlineData("opsconsole123")]
    [InlineData("OpsConsole2026!")]
    [InlineData("dana.keller12")]
    [InlineData("iloveyou1234")]
    [InlineData("correcthorsebatterystaple")]
    public void Check_GuessedFirst_IsRefused(string password) => Assert.NotNull(PasswordRules.Check(password, "dana.keller@example.com"));

    [Theory]
    [InlineData("mellow otter paints a fence")]
    [InlineData("x7#Lq2!vTz9p")]
    [InlineData("twelve tall pines")]
    [InlineData("Zug nach Köln um neun")]
    [InlineData("Str0ng-and-Long-42")]
    [InlineData("rivers run uphill at noon")]
    public void Check_LongAndOwn_IsTaken(string password) => Assert.Null(PasswordRules.Check(password, "dana.keller@example.com"));

    [Fact]
    public void Check_Length_CountsCharacters()
    {
        var text = string.Concat(Enumerable.Range(0, 64).Select(i => (char)('a' + (i * 7 + i / 5) % 26))) + string.Concat(Enumerable.Range(0, 64).Select(i => (char)('A' + (i * 11 + i / 3) % 26)));
        Assert.Equal(128, text.Length);
        Assert.Null(PasswordRules.Check(text, null));
        Assert.Equal("password.length", PasswordRules.Check(text + "z", null)!.Code);
        Assert.Null(PasswordRules.Check("🦊🐻🌲🚲🎺🍎🪁🧭🛶🎲🔭🧩", null));
    }
}
