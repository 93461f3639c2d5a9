using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Core.Access;
using OpsConsole.Core.Toolkit;
using OpsConsole.Features.Toolkit;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using Xunit;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Http;

/// <summary>What the documents look like on paper, printed by the real browser: hostile texts lose nothing and cover nothing, and the pages look as those that somebody looked at.</summary>
public sealed class PaperTests : IAsyncLifetime
{
    /// <summary>Somebody has looked at each of them. To take new ones: run these tests with OPSCONSOLE_NEW_REFERENCES=1, and look again.</summary>
    private static readonly string References = Path.Combine(Repository.Root, "OpsConsole.Tests", "Http", "Paper");

    private readonly SkipTime _time = new();
    private readonly AllButEmoji _glyphs = new();
    private ConsoleHost _host = default!;
    private Team _team = default!;

    public async Task InitializeAsync()
    {
        _time.Skip(new DateTimeOffset(2040, 1, 16, 9, 30, 0, TimeSpan.Zero) - DateTimeOffset.UtcNow);   // so that dates have the same width each time
        _host = await ConsoleHost.StartAsync(new HostSettings { Time = _time, Services = s => s.AddSingleton<IGlyphs>(_glyphs) });
        _team = await Team.BuildAsync(_host);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    private async Task<Printed> PrintAsync(string query) => await Printed.OfAsync(await _team["mia"].GetAsync($"{_team.Path}/toolkit.pdf?{query}"));

    private static string Squeezed(string text) => Regex.Replace(text, "[\\s\u202A-\u202E\u2066-\u2069\u200E\u200F]", "");

    [Theory]
    [InlineData("filled", "")]
    [InlineData("blank", "blank=true")]
    [InlineData("letter", "blank=true&paper=letter")]
    public async Task Pages_LookAsThoseThatSomebodyLookedAt(string name, string query)
    {
        foreach (var sheet in (string[])["canvas", "escalation", "tests", "checklist", "decisions", "actions", "parking"]) await _team.FillAsync(sheet);
        foreach (var who in (string[])["rita", "will", "ines"]) await _team.ConfirmAsync(who, "boundary");
        using var printed = await PrintAsync(query);
        await CompareAsync(printed, name);
    }

    /// <summary>Nothing overlaps, and every page looks as its reference.</summary>
    internal static async Task CompareAsync(Printed printed, string name)
    {
        await printed.AssertNothingOverlapsAsync();
        var pages = await printed.PagesAsync();
        if (Environment.GetEnvironmentVariable("OPSCONSOLE_NEW_REFERENCES") == "1")
        {
            Directory.CreateDirectory(References);
            foreach (var old in Directory.GetFiles(References, name + "-*.png")) File.Delete(old);
            foreach (var (i, page) in pages.Index()) await File.WriteAllBytesAsync(Path.Combine(References, $"{name}-{i + 1:00}.png"), page);
        }
        var references = Directory.GetFiles(References, name + "-*.png").Order(StringComparer.Ordinal).Select(File.ReadAllBytes).ToList();
        Assert.Equal(references.Count, pages.Count);
        foreach (var (i, page) in pages.Index())
        {
            var difference = Printed.Difference(page, references[i]);
            Assert.True(difference < 0.015, $"Page {i + 1} of '{name}' differs from its reference in {difference:P1} of its area.");
        }
        if (references.Count > 1) Assert.True(Printed.Difference(pages[0], references[1]) > 0.05);   // the measure tells pages apart
    }

    [Fact]
    public async Task HostileTexts_AreAllThere_AndCoverNothing()
    {
        const string Hebrew = "שלום עולם", Arabic = "مرحبا بالعالم", Combining = "Ångström e\u0301\u0323 naïve", Emoji = "🚀 👩‍👩‍👧 ✅";
        var word = new string('w', 7_900);
        await _team.FillAsync("canvas", ("workflow", word), ("users", $"{Hebrew} and {Arabic}"), ("success", $"{Combining} {Emoji}"), ("audience", "<b>bold</b> &amp; \"quoted\" 'too' <!-- not gone -->"),
            ("in_scope", string.Join('\n', Enumerable.Range(0, 500).Select(i => $"scope-{i:000}."))));
        await _team.FillAsync("tests", ("scenario", "z" + word), ("input", Arabic + " " + new string('٣', 500)), ("mitigation", string.Concat(Enumerable.Repeat("e\u0301\u0323\u0302\u0308", 300))));
        var rules = Enumerable.Range(0, 500).Select(i => new { id = $"X-{i:000}", action = $"thing{i:000}.do", outcome = "deny", consequence = "low", note = $"note-{i:000}. {new string('n', 60)}" });
        await Spine.PublishAsync(_host, _team.Spine.Rollout, JsonSerializer.Serialize(new { @default = "deny", boundaries = Array.Empty<object>(), rules }));
        using var answer = await _team["mia"].GetAsync(_team.Path + "/toolkit.pdf");
        Assert.Contains("emoji", Uri.UnescapeDataString(answer.Headers.GetValues("OpsConsole-Unprinted").Single()), StringComparison.Ordinal);
        Assert.Contains(Hebrew, _glyphs.Asked, StringComparison.Ordinal);
        using var printed = await Printed.OfAsync(answer);
        await printed.CheckAsync();
        await printed.AssertNothingOverlapsAsync();
        var text = Squeezed(await printed.ReadAsync());
        for (var i = 0; i < 500; i++) Assert.True(text.Contains($"scope-{i:000}.", StringComparison.Ordinal) && text.Contains($"note-{i:000}.", StringComparison.Ordinal), $"{i}");
        Assert.True(text.Count(c => c == 'w') >= 2 * word.Length, "words without end");
        Assert.Contains("<b>bold</b>&amp;\"quoted\"'too'<!--notgone-->", text, StringComparison.Ordinal);
        Assert.Contains("ngström", text.Normalize(System.Text.NormalizationForm.FormC), StringComparison.Ordinal);
        foreach (var scripted in (string[])[Hebrew, Arabic]) foreach (var part in scripted.Split(' ')) Assert.Contains(part, text.Normalize(System.Text.NormalizationForm.FormKC), StringComparison.Ordinal);
        Assert.True(text.Count(c => c == '٣') >= 500, "digits of another script");
    }

    [Fact]
    public async Task Evidence_OfAHostileCall_LosesNothing()
    {
        var word = new string('q', 10_000);
        var decision = Spine.Id(await _team.Spine.AskAsync(new { action = "refund.create", resource = new { type = "order", id = "8812" }, arguments = new { amount = 20, order = "<script>alert(1)</script>", note = word, deep = new { list = new object[] { "one", new { two = "\u202Eevil" } } } }, run_id = "run-1", confidence = 0.9, reasoning = "a" }));
        await GetAsync(_team["mia"], $"/api/v1/decisions/{decision}/evidence.pdf?paper=a5", 400);
        using var printed = await Printed.OfAsync(await _team["mia"].GetAsync($"/api/v1/decisions/{decision}/evidence.pdf?paper=letter"));
        await printed.AssertNothingOverlapsAsync();
        var text = Squeezed(await printed.ReadAsync());
        foreach (var part in (string[])["list", "[1]", "“⟨U+202E⟩evil”", "deep", "<script>alert(1)</script>", decision]) Assert.Contains(part, text, StringComparison.Ordinal);
        Assert.True(text.Count(c => c == 'q') >= word.Length, "words without end");
    }

    [Fact]
    public async Task Evidence_OfCallsWithoutMeasure_StaysSmall()
    {
        // A long name over thousands of members, and thousands of numbers: once each, not once per member.
        var key = new string('k', 20_000);
        var many = Enumerable.Range(0, 2_900).ToDictionary(i => $"m{i}", i => i);
        var decision = Spine.Id(await _team.Spine.AskAsync(new { action = "refund.create", resource = new { type = "order", id = "8812" }, arguments = new Dictionary<string, object> { ["amount"] = 20, ["order"] = "o", [key] = many } }));
        var person = _host.Services.GetRequiredService<OpsConsole.Data.Writer.DurableWriter>().State.Directory.People.Values.First(p => p.Email == "mia@example.com");
        var html = (await _host.Services.GetRequiredService<ToolkitDesk>().PreviewAsync(new PersonCaller(person, null, "session"), decision, Paper.A4, default)).Value;
        Assert.InRange(html.Length, key.Length, 400_000 + html.IndexOf("<body>", StringComparison.Ordinal));
        Assert.Contains("m2899", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cover_WithALogoAndALongName_IsOnePage()
    {
        await SendAsync(_team["rita"], HttpMethod.Put, _team.Path + "/toolkit/livery", new { accent = "#204060", confidentiality = "Only for the people named on the cover, the board and the auditors; not to be forwarded outside of the company group", logo = "data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHdpZHRoPSI4MCIgaGVpZ2h0PSIzMCI+PHJlY3Qgd2lkdGg9IjgwIiBoZWlnaHQ9IjMwIiBmaWxsPSIjMjA0Ii8+PC9zdmc+" }, 200);
        await SendAsync(_host.Admin, HttpMethod.Patch, _team.Path, new { name = "German and Austrian retail support operations of the second half of the year", purpose = string.Join(' ', Enumerable.Repeat("keep contacts right, refund what is due, tell the customer", 5)) }, 200);
        foreach (var paper in (string[])["a4", "letter"])
        {
            using var printed = await PrintAsync("paper=" + paper);
            await printed.AssertNothingOverlapsAsync();
            var pages = (await printed.TextAsync()).Split('\f');
            Assert.Contains("1 Where it stands", pages[1] + "\n\nBEFORE: " + pages[0], StringComparison.Ordinal);
            Assert.Contains("Only for the people named", pages[3], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task EmptyEverything_IsPrintedAsSuch_InEveryDocument_WithItsFoot()
    {
        var rollout = (await PostAsync(_host.Admin, "/api/v1/rollouts", new { name = "Empty", purpose = "" }, 201)).GetProperty("id").GetString();
        using var printed = await Printed.OfAsync(await _host.Admin.GetAsync($"/api/v1/rollouts/{rollout}/toolkit.pdf"));
        await printed.AssertNothingOverlapsAsync();
        var text = await printed.TextAsync();
        foreach (var words in (string[])["There is no rule yet.", "No scenario is written down yet.", "The rollout has no agent yet.", "No incident was reported.", "There was no session", "Confidential", "Gate record · Empty · worksheets as of change 0, matrix not published (draft 1 shown)"]) Assert.Contains(words, text, StringComparison.Ordinal);
        var pages = Regex.Matches(text, "\\d+ of (\\d+)$", RegexOptions.Multiline);
        Assert.Equal(int.Parse(pages[^1].Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture), pages.Select(m => m.Value).Distinct().Count());
    }

    [Fact]
    public async Task Structure_HasHeadingsTablesAndFiguresWithTheirText_AndReadsInOrder()
    {
        await _team.FillAsync("canvas");
        using (var filled = await PrintAsync(""))
        {
            var structure = await filled.StructureAsync();
            foreach (var tag in (string[])["H1", "H2", "H3", "Table", "TH", "TD", "L ", "Figure"]) Assert.Contains(tag, structure, StringComparison.Ordinal);
            Assert.Contains("0 alone, ", await filled.AlternativesAsync(), StringComparison.Ordinal);
            var text = Squeezed(await filled.ReadAsync());
            var from = text.LastIndexOf("Onenarrowworkflow,", StringComparison.Ordinal);
            var at = ((string[])["Workflow", "Whoitisfor", "Inscope", "Measurableoutput", "Unit", "Successis", "Systemsanddata", "Authoritymodelworksheet"]).Select(w => text.IndexOf(w, from, StringComparison.Ordinal)).ToList();
            Assert.DoesNotContain(-1, at);
            Assert.Equal(at.Order(), at);
        }
        using var blank = await PrintAsync("blank=true&documents=review");
        Assert.Contains("Empty chart for override rate, eight weeks", await blank.AlternativesAsync(), StringComparison.Ordinal);
    }

    /// <summary>A machine with fonts for all but emoji.</summary>
    private sealed class AllButEmoji : IGlyphs
    {
        public string Asked { get; private set; } = "";

        public Task<IReadOnlyList<MissingGlyphs>?> MissingAsync(string text, CancellationToken ct)
        {
            Asked = text;
            return Task.FromResult<IReadOnlyList<MissingGlyphs>?>(text.Contains("🚀", StringComparison.Ordinal) ? [new MissingGlyphs("emoji", "🚀", "fonts-noto-color-emoji")] : []);
        }
    }
}
