using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using OpsConsole.Features.Access;
using OpsConsole.Features.Approvals;
using OpsConsole.Features.Toolkit;
using OpsConsole.Integrations.Browser;
using OpsConsole.Integrations.Mail;
using OpsConsole.Integrations.Outbound;
using OpsConsole.Tests.Support;

namespace OpsConsole.Startup;

public sealed partial class SampleSettingsTests
{
    /// <summary>The sample has exactly the keys that the options have and that the sources read by name.</summary>
    [Fact]
    public void Sample_HasEveryKey_AndNoOther()
    {
        var sample = Keys(JsonDocument.Parse(File.ReadAllText(Repository.PathTo("appsettings.sample.json"))).RootElement, "").ToHashSet();
        HashSet<string> known =
        [
            .. Properties(typeof(OpsOptions)).Where(p => p != "Limits").Select(p => "OpsConsole:" + p), .. Properties(typeof(LimitOptions)).Select(p => "OpsConsole:Limits:" + p), .. Properties(typeof(SetupOptions)).Select(p => SetupOptions.Section + ":" + p), .. Properties(typeof(PressOptions)).Select(p => PressOptions.Section + ":" + p), .. Properties(typeof(OutboundOptions)).Select(p => OutboundOptions.Section + ":" + p), .. Properties(typeof(ApprovalOptions)).Select(p => ApprovalOptions.Section + ":" + p), .. Properties(typeof(MailOptions)).Select(p => MailOptions.Section + ":" + p), .. Properties(typeof(ToolkitOptions)).Select(p => ToolkitOptions.Section + ":" + p),
            .. Directory.EnumerateFiles(Repository.PathTo("OpsConsole"), "*.cs", SearchOption.AllDirectories).Where(f => !f.Contains("/obj/")).SelectMany(f => Named().Matches(File.ReadAllText(f))).Select(m => m.Groups[1].Value), "ConnectionStrings:Postgres",
        ];
        Assert.Equal(known.Order(StringComparer.Ordinal), sample.Order(StringComparer.Ordinal));
        var guide = File.ReadAllText(Repository.PathTo("docs/configuration.md"));
        Assert.All(known, key => Assert.Contains(key.Split(':')[^1], guide));
    }

    /// <summary>A page renews a claim once a minute: one that lasts no longer would end under its reader's eyes.</summary>
    [Theory]
    [InlineData("PT1M", true)]
    [InlineData("PT1M59S", true)]
    [InlineData("PT2M", false)]
    public void ClaimFor_ShorterThanItIsRenewed_IsAProblem(string length, bool wrong)
        => Assert.Equal(wrong, ApprovalOptions.Problems(new ConfigurationBuilder().AddInMemoryCollection([new("OpsConsole:Approvals:ClaimFor", length)]).Build()).Any());

    private static IEnumerable<string> Properties(Type options) => options.GetProperties().Where(p => p.CanWrite).Select(p => p.Name);

    private static IEnumerable<string> Keys(JsonElement element, string path)
        => element.ValueKind == JsonValueKind.Object ? element.EnumerateObject().SelectMany(p => Keys(p.Value, path.Length == 0 ? p.Name : path + ":" + p.Name)) : [path];

    [GeneratedRegex("configuration\\[\"(OpsConsole:[A-Za-z:]+)\"\\]")]
    private static partial Regex Named();
}
