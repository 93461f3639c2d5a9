using System.Text;
using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Access;

/// <summary>
/// 12 to 128 characters and not one that is guessed first; no rules of composition (NIST SP 800-63B, ASVS 6.2). What is guessed first: common long
/// passwords, one character or a short piece repeated, runs of the alphabet, digits or keyboard, and whatever is mostly the e-mail address or this console's name.
/// </summary>
public static class PasswordRules
{
    public const int Least = 12, Most = 128;

    private static readonly string[] Runs = ["abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm", "azertyuiopqsdfghjklmwxcvbn", "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "1q2w3e4r5t6y7u8i9o0p"];

    // Common pieces of common passwords: one that is only these, digits and punctuation is guessed early.
    private static readonly string[] CommonPieces =
    [
        "password", "passwort", "passw0rd", "p@ssw0rd", "p@ssword", "kennwort", "motdepasse", "contrasena", "letmein", "welcome", "willkommen", "admin", "administrator", "changeme", "change", "default", "secret", "iloveyou",
        "football", "baseball", "basketball", "princess", "sunshine", "superman", "batman", "dragon", "monkey", "master", "shadow", "trustno1", "starwars", "pokemon", "computer", "internet", "whatever", "michael", "jennifer",
        "jordan", "liverpool", "chelsea", "charlie", "summer", "winter", "spring", "autumn", "monday", "january", "december", "hello", "login", "user", "root", "test", "testing", "guest", "opsconsole", "console", "company", "my", "is", "the",
        "correct", "horse", "battery", "staple", "me", "new", "old", "pass", "word", "please", "super", "mypassword", "access", "system", "manager", "server", "temp", "temporary", "love", "you", "qwerty", "qwertz", "azerty", "asdf", "zxcv", "abc", "abcd", "xyz",
    ];

    /// <summary>Why this may not be a password, or null when it may. Codes: <c>password.length</c>, <c>password.common</c>; the field is <c>password</c>.</summary>
    public static Fault? Check(string? password, string? email)
    {
        var length = password?.EnumerateRunes().Count() ?? 0;
        if (length is < Least or > Most) return Fault.Invalid("password.length", $"A password has {Least} to {Most} characters; this one has {length}. A few words are easier to remember than signs.", "password");
        var plain = password!.ToLowerInvariant();
        if (Repeats(plain) || IsRun(plain) || IsCommon(plain) || IsMostly(plain, "opsconsole") || IsMostly(plain, email?.Split('@')[0].ToLowerInvariant()))
            return Fault.Invalid("password.common", "This password is among those that are guessed first. Take one that is not a known word or run of keys, and not made from your address.", "password");
        return null;
    }

    private static bool Repeats(string text)
    {
        if (text.Distinct().Count() <= 3) return true;
        for (var period = 1; period <= Math.Min(4, text.Length / 2); period++)
        {
            if (Enumerable.Range(period, text.Length - period).All(i => text[i] == text[i - period])) return true;
        }
        return false;
    }

    // At least three quarters of the steps go along a run, forwards or backwards.
    private static bool IsRun(string text)
    {
        var along = 0;
        for (var i = 1; i < text.Length; i++)
        {
            if (Runs.Any(r => Adjacent(r, text[i - 1], text[i]))) along++;
        }
        return along * 4 >= (text.Length - 1) * 3 && Runs.Any(r => text.Length >= 4 && (r.Contains(text[..4], StringComparison.Ordinal) || Reverse(r).Contains(text[..4], StringComparison.Ordinal)));
    }

    private static bool Adjacent(string run, char a, char b)
    {
        for (var i = 1; i < run.Length; i++)
        {
            if ((run[i - 1] == a && run[i] == b) || (run[i - 1] == b && run[i] == a)) return true;
        }
        return a == b;
    }

    private static string Reverse(string text) => new([.. text.Reverse()]);

    private static bool IsCommon(string text)
    {
        // digits and signs at the ends are decoration; between letters they stand for letters
        var core = text.Trim([.. text.Where(c => !char.IsLetter(c)).Distinct()]);
        var letters = new string([.. core.Select(c => c switch { '0' => 'o', '1' => 'l', '3' => 'e', '@' => 'a', '$' => 's', _ => c }).Where(char.IsLetter)]);
        return letters.Length == 0 ? text.Distinct().Count() <= 6 : OnlyPieces(new string([.. text.Where(char.IsLetter)])) || OnlyPieces(letters);
    }

    private static bool OnlyPieces(string letters)
    {
        if (letters.Length < 4) return false;
        var reached = new bool[letters.Length + 1];
        reached[0] = true;
        for (var i = 0; i < letters.Length; i++)
        {
            if (!reached[i]) continue;
            foreach (var piece in CommonPieces)
            {
                if (letters.AsSpan(i).StartsWith(piece, StringComparison.Ordinal)) reached[i + piece.Length] = true;
            }
        }
        return reached[letters.Length];
    }

    // What remains beside the word would be too short to be a password.
    private static bool IsMostly(string text, string? word)
        => word is { Length: >= 4 } && text.Contains(word, StringComparison.Ordinal) && text.Replace(word, "", StringComparison.Ordinal).Length < 8;
}
