using System.Text;
using System.Text.Json;
using OpsConsole.Tests.Support;

namespace OpsConsole.Core.Webhooks;

public sealed class WebhookSignatureTests
{
    [SharedFact("vectors/standard-webhooks/vectors.json")]
    public void Header_OfficialVectors_IsTheirSignature()
    {
        var cases = JsonElement.Parse(File.ReadAllText(SharedFolder.PathTo("vectors", "standard-webhooks", "vectors.json"))).GetProperty("cases").EnumerateArray().Where(c => c.GetProperty("scheme").GetString() == "v1").ToList();
        Assert.Equal(2, cases.Count);
        foreach (var c in cases)
        {
            var key = WebhookSignature.Key(c.GetProperty("secret").GetString()!)!;
            Assert.Equal(c.GetProperty("signature").GetString(), WebhookSignature.Header(c.GetProperty("id").GetString()!, c.GetProperty("timestamp").GetInt64(), Encoding.UTF8.GetBytes(c.GetProperty("payload").GetString()!), [key]));
        }
    }

    [Fact]
    public void Header_TwoKeys_HasBothSignaturesApart()
    {
        byte[] one = [.. Enumerable.Repeat((byte)1, 32)], two = [.. Enumerable.Repeat((byte)2, 32)];
        var parts = WebhookSignature.Header("evt_1", 7, "{}"u8, [one, two]).Split(' ');
        Assert.Equal([WebhookSignature.Header("evt_1", 7, "{}"u8, [one]), WebhookSignature.Header("evt_1", 7, "{}"u8, [two])], parts);
        Assert.NotEqual(parts[0], parts[1]);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("whsec_", false)]
    [InlineData("whsec_not base64!", false)]
    [InlineData("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRY=", false)]   // 23 bytes
    [InlineData("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", true)]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", true)]
    public void Key_OnlyOfTheRightForm(string secret, bool good) => Assert.Equal(good, WebhookSignature.Key(secret) is not null);

    [Fact]
    public void Secret_ThereAndBack_IsTheKey()
    {
        byte[] key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        Assert.Equal(key, WebhookSignature.Key(WebhookSignature.Secret(key)));
        Assert.Null(WebhookSignature.Key(WebhookSignature.Secret(new byte[65])));
    }
}
