using OpsConsole.Features.Rollouts;

namespace OpsConsole.Features.Workshop;

/// <summary>Somebody who answers for a step; without a person where nobody is named.</summary>
internal sealed record StepOwner(string Role, string? PersonId, string? Name);

internal sealed record StepOutput(string Title, string Link);

/// <summary>A step with what it still lacks.</summary>
/// <param name="Done">Everything it requires is so.</param>
internal sealed record StepView(int Step, string Name, string Purpose, string DoneWhen, bool Done, IReadOnlyList<StepOwner> Owners, IReadOnlyList<StepOutput> Outputs, IReadOnlyList<CriterionView> Criteria, IReadOnlyList<string> Pitfalls);

/// <summary>What the page of the steps shows.</summary>
/// <param name="MayConfirm">The subjects that the reader may confirm by name.</param>
internal sealed record StepsView(string RolloutName, string Me, IReadOnlyList<StepView> Steps, IReadOnlyList<string> MayConfirm);

/// <summary>A person by name.</summary>
internal sealed record DrillPerson(string PersonId, string Name);

/// <summary>A routing drill.</summary>
/// <param name="Status"><c>running</c>, <c>passed</c> or <c>failed</c>.</param>
/// <param name="Expected">Who may acknowledge it.</param>
/// <param name="Until">It passes when it is acknowledged before.</param>
/// <param name="Seconds">How long it took until the owner had it; null while it runs and where nobody was reached.</param>
internal sealed record DrillView(string Id, string Row, string Scenario, string Status, string StartedBy, string StartedByName, DateTimeOffset StartedAt, DateTimeOffset Until, IReadOnlyList<DrillPerson> Expected,
    string? AcknowledgedBy, string? AcknowledgedByName, DateTimeOffset? EndedAt, double? Seconds);

/// <summary>A scenario that can be reported.</summary>
/// <param name="Path">How its people are reached.</param>
/// <param name="Problem">Why it cannot be drilled now, for people; null when it can.</param>
internal sealed record DrillScenario(string Row, string Scenario, string Trigger, string Path, string Sla, IReadOnlyList<DrillPerson> Takers, string? Problem);

/// <summary>What the page of the drill shows.</summary>
internal sealed record DrillsView(string RolloutName, bool MayStart, string Me, IReadOnlyList<DrillScenario> Scenarios, DrillView? Running, bool MayGiveUp, IReadOnlyList<DrillView> Past);

/// <summary>A running drill that concerns the reader.</summary>
/// <param name="Mine">The reader is to acknowledge it; else they reported it.</param>
/// <param name="MaySee">They may open the rollout's pages.</param>
internal sealed record DrillCall(string RolloutId, string RolloutName, DrillView Drill, bool Mine, bool MaySee);
