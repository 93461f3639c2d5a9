using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OpsConsole.Core.Webhooks;

/// <summary>Standard Webhooks, scheme <c>v1</c> (spec/standard-webhooks.md): HMAC-SHA256 over <c>{id}.{timestamp}.{body}</c>, secrets as <c>whsec_</c> and base64 of 24 to 64 bytes.</summary>
public static class WebhookSignature
{
    public const int LeastKey = 24, MostKey = 64;
    private const string Prefix = "whsec_";

    /// <summary>A key as people copy it.</summary>
    public static string Secret(ReadOnlySpan<byte> key) => Prefix + Convert.ToBase64String(key);

    /// <summary>The key in a secret, also in one without the prefix; null when it is none, or too short or long.</summary>
    public static byte[]? Key(string secret)
    {
        var text = secret.StartsWith(Prefix, StringComparison.Ordinal) ? secret[Prefix.Length..] : secret;
        var key = new byte[text.Length];
        return Convert.TryFromBase64String(text, key, out var length) && length is >= LeastKey and <= MostKey ? key[..length] : null;
    }

    /// <summary>The header <c>webhook-signature</c>: one signature per key, while a secret is rotated two.</summary>
    /// <param name="timestamp">Unix seconds of this attempt.</param>
    public static string Header(string id, long timestamp, ReadOnlySpan<byte> body, IEnumerable<byte[]> keys)
    {
        var head = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}."));
        byte[] signed = [.. head, .. body];
        return string.Join(' ', keys.Select(key => "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, signed))));
    }
}
