using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Worksheets;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Workshop;

/// <summary><c>POST rollouts/{id}/copy</c>.</summary>
/// <param name="Purpose">That of the source when it is left out.</param>
internal sealed record CopyRequest(string Name, string? Purpose)
{
    public const int MaxName = 120, MaxPurpose = 2_000;

    internal static CopyRequest Read(Fields fields) => new(fields.Text("name", required: true) ?? "", fields.Text("purpose"));

    internal Fault? Check() => TextRules.Wrong("name", Name, MaxName, required: true) ?? TextRules.Wrong("purpose", Purpose, MaxPurpose);
}

/// <summary>The rollout that was made.</summary>
/// <param name="Texts">How many texts of worksheets it began with.</param>
internal sealed record CopyView(string Id, string Name, string CopiedFrom, int Texts);

/// <summary>
/// Copies a rollout for an adjacent workflow: worksheets (<see cref="SheetCopy"/>), draft matrix, catalogue, examples and settings. People, gates, confirmations, agents, grants and published versions
/// belong to the workflow they were made for and are not copied: the new rollout begins at no gate, with whoever copied it as its owner.
/// </summary>
internal sealed class CopyDesk(DurableWriter writer)
{
    private const string Creators = "Rollouts are copied by facilitators and admins who see them.";

    public Fault? MayCopy(PersonCaller caller, string id) => Sight.Rollout(writer.State, caller, id, (me, _) => Permissions.MayCreateRollout(me), Creators).Fault;

    /// <summary>Faults: not found, forbidden, <c>field.invalid</c>.</summary>
    public async Task<Result<CopyView>> CopyAsync(PersonCaller caller, string id, CopyRequest request)
    {
        if (MayCopy(caller, id) is { } forbidden) return forbidden;
        if (request.Check() is { } wrong) return wrong;
        return await writer.ChangeAsync<CopyView>(async (scope, ct) =>
        {
            if (Sight.Rollout(scope.State, caller, id, (me, _) => Permissions.MayCreateRollout(me), Creators).Fault is { } refused) return refused;
            var source = await scope.Db.Rollouts.AsNoTracking().SingleAsync(r => r.Id == id, ct);
            var copy = new Rollout(Secrets.NewId("rol"), request.Name.Trim(), request.Purpose?.Trim() is { Length: > 0 } purpose ? purpose : source.Purpose, source.TimeZone, scope.Now, caller.Id);
            Settings(source, copy);
            scope.Db.Rollouts.Add(copy);
            scope.Db.Members.Add(new RolloutMember(copy.Id, caller.Id, RolloutRole.RolloutOwner, false));
            scope.Audit(caller.Actor, "rollout.created", copy.Id, new { time_zone = copy.TimeZone, rollout_owner = caller.Id, copied_from = id, cycle_weeks = copy.CycleWeeks }, new { name = copy.Name, purpose = copy.Purpose, thresholds = copy.Thresholds }, copy.Id);
            Documents(scope, caller, source, copy);
            await scope.Db.SaveChangesAsync(ct);
            var texts = SheetCopy.Of(await StartDesk.StandingAsync(scope.Db, id, ct));
            if (texts.Count > 0 && (await PatchWriter.PutAsync(scope, caller, copy.Id, StartDesk.Requests(texts, []), ct, fresh: true)).Fault is { } fault) return fault;
            scope.AuthorityChanged();
            return new CopyView(copy.Id, copy.Name, id, texts.Count);
        });
    }

    private static void Settings(Rollout source, Rollout copy)
    {
        copy.Govern(source.MinConfidence, source.ConfidenceRequired, source.SeparationOfDuties, source.CycleWeeks);
        if (source.RotateApprovers) copy.Rotate(true);
        copy.SetAudience(source.Audience);
        copy.SetThresholds(source.Thresholds);
        copy.AskForSecondPublisher(source.SecondPublisher);
        copy.SetReasonCodes(source.ReasonCodes);
        if (source.Simulated) copy.MarkSimulated();
    }

    private static void Documents(ChangeScope scope, PersonCaller caller, Rollout source, Rollout copy)
    {
        if (source.Draft != copy.Draft)
        {
            copy.SaveDraft(source.Draft);
            scope.Audit(caller.Actor, "matrix.saved", copy.Id, new { draft = copy.DraftVersion, copied_from = source.Id, sha256 = Sha(source.Draft) }, rolloutId: copy.Id);
        }
        if (source.Catalogue != copy.Catalogue)
        {
            copy.SaveCatalogue(source.Catalogue);
            scope.Audit(caller.Actor, "catalogue.saved", copy.Id, new { catalogue = copy.CatalogueVersion, copied_from = source.Id, sha256 = Sha(source.Catalogue) }, $$"""{"actions":{{source.Catalogue}}}""", copy.Id);
        }
        if (source.Examples == copy.Examples) return;
        copy.SaveExamples(source.Examples);
        scope.Audit(caller.Actor, "examples.saved", copy.Id, new { version = copy.ExamplesVersion, copied_from = source.Id, sha256 = Sha(source.Examples) }, $$"""{"examples":{{source.Examples}}}""", copy.Id);
    }

    private static string Sha(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
