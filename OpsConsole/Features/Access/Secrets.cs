using System.Security.Cryptography;
using System.Text;
using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Access;

/// <summary>Makes ids and secrets from the system's random source, and checks presented secrets in constant time.</summary>
public static class Secrets
{
    private const string Base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    public const int SecretLength = 43;   // 256 bits

    public static string NewId(string prefix) => Ids.Random(prefix, RandomNumberGenerator.GetBytes(10));

    /// <summary>A credential <c>prefix_id_secret</c> and the hash to keep instead of it.</summary>
    public static (string Id, string Text, byte[] Hash) NewCredential(string prefix)
    {
        var id = RandomNumberGenerator.GetString(Base62, 12);
        var secret = RandomNumberGenerator.GetString(Base62, SecretLength);
        return (id, $"{prefix}_{id}_{secret}", Hash(secret));
    }

    /// <summary>A one-time code for a link, and its hash.</summary>
    public static (string Code, byte[] Hash) NewCode()
    {
        var code = RandomNumberGenerator.GetString(Base62, SecretLength);
        return (code, Hash(code));
    }

    public static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    /// <summary>Takes <c>prefix_id_secret</c> apart; false for anything else. Ids and secrets are letters and digits, the secret at least 40 of them.</summary>
    public static bool TrySplit(string? text, string prefix, out string id, out string secret)
    {
        (id, secret) = ("", "");
        if (text is null || text.Length > 300 || !text.StartsWith(prefix, StringComparison.Ordinal) || text.Length <= prefix.Length || text[prefix.Length] != '_') return false;
        var rest = text.AsSpan(prefix.Length + 1);
        var cut = rest.IndexOf('_');
        if (cut <= 0 || rest.Length - cut - 1 < 40 || rest[..cut].ContainsAnyExcept(Alphanumeric) || rest[(cut + 1)..].ContainsAnyExcept(Alphanumeric)) return false;
        (id, secret) = (rest[..cut].ToString(), rest[(cut + 1)..].ToString());
        return true;
    }

    public static bool Matches(string secret, byte[] hash)
    {
        Span<byte> presented = stackalloc byte[32];
        Span<byte> utf8 = stackalloc byte[300];
        SHA256.HashData(utf8[..Encoding.UTF8.GetBytes(secret, utf8)], presented);
        return CryptographicOperations.FixedTimeEquals(presented, hash);
    }

    private static readonly System.Buffers.SearchValues<char> Alphanumeric = System.Buffers.SearchValues.Create(Base62);
}
