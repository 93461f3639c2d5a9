using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Core.Worksheets;
using OpsConsole.Features.Workshop;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Http;

/// <summary>Texts put into worksheets by several people, over HTTP.</summary>
public sealed class WorksheetTests : IAsyncLifetime
{
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync();
        _spine = await Spine.BuildAsync(_host, gates: "");
        await PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/members", new { email = "owner@example.com", roles = new[] { "member" } }, 201);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    private string Sheets => $"/api/v1/rollouts/{_spine.Rollout}/worksheets";

    private static object Patch(string id, string field, string value, params string[] over) => new { id, field, over, value };

    private Task<JsonElement> SendAsync(HttpClient client, object[] patches, int expect = 200) => PostAsync(client, Sheets + "/patches", new { patches }, expect);

    private async Task<JsonElement> FieldAsync(string sheet, string name) => (await GetAsync(_host.Admin, $"{Sheets}/{sheet}")).GetProperty("rows")[0].GetProperty("fields").EnumerateArray().Single(f => f.GetProperty("name").GetString() == name);

    [Fact]
    public async Task Patches_OfTwoPeople_DifferentFieldsMerge_TheSameFieldShowsBothTexts()
    {
        await SendAsync(_host.Admin, [Patch("patch-001", "canvas/workflow", "Refunds")]);
        await SendAsync(_spine.Owner, [Patch("patch-002", "canvas/users", "Support"), Patch("patch-003", "canvas/workflow", "Refunds of damaged goods", "patch-001")]);
        await SendAsync(_host.Admin, [Patch("patch-004", "canvas/workflow", "Refunds in Austria", "patch-001")]);
        var workflow = await FieldAsync("canvas", "workflow");
        Assert.Equal("Refunds of damaged goods", workflow.GetProperty("value").GetString());
        Assert.Equal(["Refunds of damaged goods", "Refunds in Austria"], workflow.GetProperty("standing").EnumerateArray().Select(s => s.GetProperty("value").GetString()));
        Assert.Equal("Support", (await FieldAsync("canvas", "users")).GetProperty("value").GetString());

        await SendAsync(_spine.Owner, [Patch("patch-005", "canvas/workflow", "Refunds in Austria", "patch-003", "patch-004")]);
        Assert.Single((await FieldAsync("canvas", "workflow")).GetProperty("standing").EnumerateArray());
        var history = (await GetAsync(_spine.Owner, Sheets + "/history?field=canvas/workflow&limit=2")).GetProperty("items").EnumerateArray().ToList();
        Assert.Equal([("patch-005", true), ("patch-004", false)], history.Select(p => (p.GetProperty("id").GetString()!, p.GetProperty("standing").GetBoolean())));
        var rest = await GetAsync(_spine.Owner, Sheets + "/history?field=canvas/workflow&after=patch-004");
        Assert.Equal(["patch-003", "patch-001"], rest.GetProperty("items").EnumerateArray().Select(p => p.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task APatch_SentAgain_IsOne_AndNobodyElseGetsItsId()
    {
        object[] patches = [Patch("patch-001", "canvas/workflow", "Refunds")];
        await SendAsync(_host.Admin, patches);
        await SendAsync(_host.Admin, patches);
        Assert.Equal("patch.other", (await SendAsync(_spine.Owner, patches, 409)).GetProperty("code").GetString());
        Assert.Single((await GetAsync(_host.Admin, Sheets + "/history?field=canvas/workflow")).GetProperty("items").EnumerateArray());
        var entries = (await GetAsync(_host.Admin, "/api/v1/audit/entries?event=worksheet.changed")).GetProperty("items").EnumerateArray();
        Assert.Single(entries);
    }

    [Fact]
    public async Task Rows_AreAddedMovedTakenOutAndBroughtBack()
    {
        await SendAsync(_host.Admin, [Patch("patch-001", "tests/a1/place", "2"), Patch("patch-002", "tests/a1/scenario", "injection"), Patch("patch-003", "tests/b1/place", "4"), Patch("patch-004", "tests/b1/scenario", "leak")]);
        await SendAsync(_host.Admin, [Patch("patch-005", "tests/a1/place", "6", "patch-001"), Patch("patch-006", "tests/b1/place", "", "patch-003")]);
        Assert.Equal(["a1"], await RowsAsync());
        await SendAsync(_host.Admin, [Patch("patch-007", "tests/b1/place", "4", "patch-006")]);
        Assert.Equal(["b1", "a1"], await RowsAsync());

        async Task<IEnumerable<string?>> RowsAsync() => (await GetAsync(_host.Admin, Sheets + "/tests")).GetProperty("rows").EnumerateArray().Select(r => r.GetProperty("id").GetString());
    }

    [Theory]
    [InlineData("""{"patches":[{"id":"patch-001","field":"canvas/nothing","value":"x"}]}""", 422, "field.unknown")]
    [InlineData("""{"patches":[{"id":"patch-001","field":"canvas/row1/workflow","value":"x"}]}""", 422, "field.unknown")]
    [InlineData("""{"patches":[{"id":"patch-001","field":"tests/a1/place","value":"A"}]}""", 422, "place.invalid")]
    [InlineData("""{"patches":[{"id":"patch-001","field":"canvas/workflow","over":["patch-000"],"value":"x"}]}""", 422, "over.unknown")]
    [InlineData("""{"patches":[{"id":"short","field":"canvas/workflow","value":"x"}]}""", 400, "field.invalid")]
    [InlineData("""{"patches":[{"id":"patch-001","field":"tests/a1/scenario","value":"x"}]}""", 422, "row.unknown")]
    [InlineData("""{"patches":[{"id":"patch-001","field":"tests/a1/place","value":""}]}""", 422, "row.unknown")]
    [InlineData("""{"patches":[{"id":"patch-001","field":"canvas/workflow\n","value":"x"}]}""", 422, "field.unknown")]
    [InlineData("""{"patches":[{"id":"patch-001","field":"canvas/workflow","over":["what is this"],"value":"x"}]}""", 400, "field.invalid")]
    [InlineData("""{"patches":[]}""", 400, "field.invalid")]
    [InlineData("""{"patches":{}}""", 400, "field.invalid")]
    [InlineData("""{"patches":[{"id":"patch-001","field":"canvas/workflow","value":"x","author":"me"}]}""", 400, "field.unknown")]
    public async Task WhatIsWrong_IsSaid_AndNothingIsTaken(string body, int status, string code)
    {
        var refused = await PostAsync(_host.Admin, Sheets + "/patches", JsonElement.Parse(body), status);
        Assert.Equal(code, refused.GetProperty("code").GetString());
        Assert.Equal(0, (await GetAsync(_host.Admin, Sheets + "/canvas")).GetProperty("sequence").GetInt64());
    }

    [Fact]
    public async Task RowsThatComeBack_AreCountedLikeNewOnes()
    {
        await SendAsync(_host.Admin, [.. Enumerable.Range(0, 199).Select(n => Patch($"place-{n:000}", $"parking/row-{n}/place", "2"))]);
        await SendAsync(_host.Admin, [Patch("field-199", "parking/row-199/text", "before its place"), Patch("place-199", "parking/row-199/place", "2")]);
        Assert.Equal("rows.full", (await SendAsync(_host.Admin, [Patch("place-200", "parking/row-200/place", "2")], 422)).GetProperty("code").GetString());
        await SendAsync(_host.Admin, [Patch("place-out", "parking/row-0/place", "", "place-000"), Patch("place-200", "parking/row-200/place", "2")]);
        Assert.Equal("rows.full", (await SendAsync(_host.Admin, [Patch("place-back", "parking/row-0/place", "2", "place-out")], 422)).GetProperty("code").GetString());
        await SendAsync(_host.Admin, [Patch("place-move", "parking/row-5/place", "4", "place-005"), Patch("field-000", "parking/row-0/text", "kept for later")]);
        await SendAsync(_host.Admin, [Patch("place-201", "actions/row-1/place", "2")]);
    }

    [Fact]
    public async Task AllOrNone_OneBadPatchTakesTheOthersBack()
    {
        await SendAsync(_host.Admin, [Patch("patch-001", "canvas/workflow", "x"), Patch("patch-002", "canvas/users", "y", "patch-001")], 422);
        Assert.Equal("", (await FieldAsync("canvas", "workflow")).GetProperty("value").GetString());
    }

    [Fact]
    public async Task WhoIsNoMember_SeesNothingOfIt_AndWhoOnlyDecidesMayNotWrite()
    {
        var (_, stranger) = await _host.PersonAsync("stranger@example.com", "member");
        await GetAsync(stranger, Sheets + "/canvas", 404);
        await GetAsync(stranger, Sheets + "/history?field=canvas/workflow", 404);
        await SendAsync(stranger, [Patch("patch-001", "canvas/workflow", "x")], 404);
        await SendAsync(_spine.Dana, [Patch("patch-001", "canvas/workflow", "x")], 403);
        await GetAsync(_spine.Dana, Sheets + "/canvas");
        await GetAsync(_spine.Agent, Sheets + "/canvas", 403);
    }

    [Fact]
    public async Task Now_AfterEveryPatch_IsWhatTheDatabaseHolds()
    {
        var state = _host.Services.GetRequiredService<WorksheetState>();
        for (var i = 0; i < 5; i++)
        {
            await SendAsync(_host.Admin, [Patch($"patch-10{i}", "canvas/workflow", $"text {i}", i == 0 ? [] : [$"patch-10{i - 1}"]), Patch($"patch-20{i}", "canvas/users", $"user {i}")]);
            var now = await state.NowAsync(_spine.Rollout, default);
            Assert.Equal($"text {i}", now.Fields[new FieldKey("canvas", null, "workflow")].Value);
            Assert.Equal(i + 1, now.Fields[new FieldKey("canvas", null, "users")].Standing.Count);
        }
    }
}
