// Asks LLVM's own library what it knows about A64 instructions. Three modes, texts on standard input, one a line:
//
//   costRecords siblings    texts of the instructions whose words differ from a given one's in one or two bits
//   costRecords records     one line a text: what it reads and writes, and its record on each core
//   costRecords models      the cores themselves (no input)
//
// Records use one InstrBuilder per instruction: LLVM 19 shares a description per opcode inside a builder and makes it
// from the first instance, so a zero register there would take a dependency from the later ones.
#include "llvm/MC/MCAsmBackend.h"
#include "llvm/MC/MCAsmInfo.h"
#include "llvm/MC/MCCodeEmitter.h"
#include "llvm/MC/MCContext.h"
#include "llvm/MC/MCDisassembler/MCDisassembler.h"
#include "llvm/MC/MCFixup.h"
#include "llvm/MC/MCInstPrinter.h"
#include "llvm/MC/MCInstrAnalysis.h"
#include "llvm/MC/MCInstrInfo.h"
#include "llvm/MC/MCObjectFileInfo.h"
#include "llvm/MC/MCParser/MCAsmParser.h"
#include "llvm/MC/MCParser/MCTargetAsmParser.h"
#include "llvm/MC/MCRegisterInfo.h"
#include "llvm/MC/MCSchedule.h"
#include "llvm/MC/MCStreamer.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/MCTargetOptions.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/MCA/CustomBehaviour.h"
#include "llvm/MCA/InstrBuilder.h"
#include "llvm/MCA/Support.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/TargetSelect.h"
#include <iostream>
#include <map>
#include <set>

using namespace llvm;

// Latency of a call: no real latency has this value, so the tables can say "call" in its place.
static const unsigned CallLatency = 54321;
static const char *Triple_ = "aarch64";
static std::vector<std::string> Cores;

struct Capture : MCStreamer {
  std::vector<MCInst> Insts;
  Capture(MCContext &C) : MCStreamer(C) {}
  void emitInstruction(const MCInst &I, const MCSubtargetInfo &) override { Insts.push_back(I); }
  bool emitSymbolAttribute(MCSymbol *, MCSymbolAttr) override { return true; }
  void emitCommonSymbol(MCSymbol *, uint64_t, Align) override {}
  void emitZerofill(MCSection *, MCSymbol *, uint64_t, Align, SMLoc) override {}
};

struct Toolkit {
  const Target *T;
  MCTargetOptions Options;
  std::unique_ptr<MCRegisterInfo> MRI;
  std::unique_ptr<MCAsmInfo> MAI;
  std::unique_ptr<MCInstrInfo> MCII;
  std::unique_ptr<MCInstrAnalysis> MCIA;
  std::unique_ptr<MCSubtargetInfo> Any;

  Toolkit() {
    InitializeAllTargetInfos();
    InitializeAllTargetMCs();
    InitializeAllAsmParsers();
    InitializeAllDisassemblers();
    std::string Error;
    T = TargetRegistry::lookupTarget(Triple_, Error);
    MRI.reset(T->createMCRegInfo(Triple_));
    MAI.reset(T->createMCAsmInfo(*MRI, Triple_, Options));
    MCII.reset(T->createMCInstrInfo());
    MCIA.reset(T->createMCInstrAnalysis(MCII.get()));
    Any.reset(T->createMCSubtargetInfo(Triple_, "generic", "+all"));
  }

  // The one instruction of a text, or nothing when the assembler refuses it.
  bool parse(const std::string &Text, MCInst &Inst) {
    SourceMgr SM;
    SM.setDiagHandler([](const SMDiagnostic &, void *) {});
    SM.AddNewSourceBuffer(MemoryBuffer::getMemBufferCopy(Text + "\n"), SMLoc());
    MCContext Ctx(Triple(Triple_), MAI.get(), MRI.get(), Any.get(), &SM, &Options);
    std::unique_ptr<MCObjectFileInfo> MOFI(T->createMCObjectFileInfo(Ctx, false));
    Ctx.setObjectFileInfo(MOFI.get());
    Capture Out(Ctx);
    // Directives such as `.inst` need a target streamer, instructions don't.
    T->createNullTargetStreamer(Out);
    std::unique_ptr<MCAsmParser> Parser(createMCAsmParser(SM, Ctx, Out, *MAI));
    std::unique_ptr<MCTargetAsmParser> TAP(T->createMCAsmParser(*Any, *Parser, *MCII, Options));
    Parser->setTargetParser(*TAP);
    Parser->setShowParsedOperands(false);
    if (Parser->Run(false) || Out.Insts.size() != 1) return false;
    Inst = Out.Insts[0];
    return true;
  }
};

static void siblings(Toolkit &K) {
  MCContext Ctx(Triple(Triple_), K.MAI.get(), K.MRI.get(), K.Any.get());
  std::unique_ptr<MCCodeEmitter> Emitter(K.T->createMCCodeEmitter(*K.MCII, Ctx));
  std::unique_ptr<MCDisassembler> Dis(K.T->createMCDisassembler(*K.Any, Ctx));
  std::unique_ptr<MCInstPrinter> Printer(K.T->createMCInstPrinter(Triple(Triple_), 0, *K.MAI, *K.MCII, *K.MRI));
  std::set<uint32_t> Seen;
  auto Show = [&](uint32_t Word) {
    if (!Seen.insert(Word).second) return;
    uint8_t Bytes[4] = {uint8_t(Word), uint8_t(Word >> 8), uint8_t(Word >> 16), uint8_t(Word >> 24)};
    MCInst Inst;
    uint64_t Size;
    if (Dis->getInstruction(Inst, Size, Bytes, 0, nulls()) != MCDisassembler::Success) return;
    std::string Text;
    raw_string_ostream Out(Text);
    Printer->printInst(&Inst, 0, "", *K.Any, Out);
    for (char &C : Text) if (C == '\t') C = ' ';
    std::cout << Text.substr(Text.find_first_not_of(' ')) << "\n";
  };
  for (std::string Text; std::getline(std::cin, Text);) {
    MCInst Inst;
    if (!K.parse(Text, Inst)) continue;
    SmallString<16> Code;
    SmallVector<MCFixup, 4> Fixups;
    Emitter->encodeInstruction(Inst, Code, Fixups, *K.Any);
    if (Code.size() != 4) continue;
    uint32_t Word = 0;
    for (int I = 3; I >= 0; I--) Word = Word << 8 | uint8_t(Code[I]);
    Show(Word);
    for (int I = 0; I < 32; I++) {
      Show(Word ^ 1u << I);
      for (int J = 0; J < I; J++) Show(Word ^ 1u << I ^ 1u << J);
    }
  }
}

struct Core {
  std::unique_ptr<MCSubtargetInfo> STI;
  std::unique_ptr<mca::InstrumentManager> IM;
  std::vector<uint64_t> Masks;
  std::map<std::string, int> Records;
};

static std::string maskList(const Core &C, uint64_t Mask) {
  std::string Out;
  // The set has one bit a resource: the leading one of the resource's own mask.
  for (unsigned I = 1; I < C.Masks.size(); I++)
    if (Mask >> mca::getResourceStateIndex(C.Masks[I]) & 1) Out += (Out.empty() ? "" : ",") + std::to_string(I);
  return Out;
}

static std::string recordOf(const Toolkit &K, const Core &C, const MCInst &Inst, std::string &Reads, std::string &Writes) {
  mca::InstrBuilder IB(*C.STI, *K.MCII, *K.MRI, K.MCIA.get(), *C.IM, CallLatency);
  auto Built = IB.createInstruction(Inst, {});
  if (!Built) {
    consumeError(Built.takeError());
    return "refused";
  }
  const mca::Instruction &I = **Built;
  const mca::InstrDesc &D = I.getDesc();
  const MCSchedClassDesc &SC = *C.STI->getSchedModel().getSchedClassDesc(D.SchedClassID);
  auto Cycles = [](unsigned N) { return N == CallLatency ? std::string("\"call\"") : std::to_string(N); };
  auto Name = [&](int OpIndex, MCPhysReg Implicit) {
    unsigned R = OpIndex < 0 ? unsigned(Implicit) : unsigned(Inst.getOperand(OpIndex).getReg());
    return std::string(R ? K.MRI->getName(R) : "-");
  };
  std::string W, R, Res;
  Reads = Writes = "";
  for (const auto &Def : D.Writes) {
    if (!Writes.empty()) Writes += ",";
    Writes += Name(Def.OpIndex, Def.RegisterID);
    W += (W.empty() ? "[" : ",[") + Cycles(Def.Latency) + "," + std::to_string(Def.SClassOrWriteResourceID) + "]";
  }
  const MCReadAdvanceEntry *First = C.STI->getReadAdvanceEntries(SC).begin();
  const MCReadAdvanceEntry *Last = C.STI->getReadAdvanceEntries(SC).end();
  for (const auto &Use : D.Reads) {
    if (!Reads.empty()) Reads += ",";
    Reads += Name(Use.OpIndex, Use.RegisterID);
    std::string A;
    for (const MCReadAdvanceEntry *E = First; E != Last; ++E)
      if (E->UseIdx == Use.UseIndex)
        A += (A.empty() ? "[" : ",[") + std::to_string(E->WriteResourceID) + "," + std::to_string(E->Cycles) + "]";
    R += (R.empty() ? "[" : ",[") + A + "]";
  }
  for (const auto &[Mask, Use] : D.Resources) {
    unsigned Id = std::find(C.Masks.begin() + 1, C.Masks.end(), Mask) - C.Masks.begin();
    Res += (Res.empty() ? "[" : ",[") + std::to_string(Id) + "," + std::to_string(Use.size()) + "," +
           std::to_string(Use.NumUnits) + (Use.isReserved() ? ",\"reserved\"" : "") + "]";
  }
  std::string Flags;
  auto Flag = [&](bool On, const char *N) { if (On) Flags += (Flags.empty() ? "\"" : ",\"") + std::string(N) + "\""; };
  Flag(I.getMayLoad(), "load");
  Flag(I.getMayStore(), "store");
  Flag(I.getHasSideEffects(), "sideEffects");
  Flag(I.getBeginGroup(), "beginGroup");
  Flag(I.getEndGroup(), "endGroup");
  Flag(I.getRetireOOO(), "retireOutOfOrder");
  Flag(D.MustIssueImmediately, "issueAtOnce");
  Flag(D.HasPartiallyOverlappingGroups, "overlappingGroups");
  Flag(I.isOptimizableMove(), "optimizableMove");
  return "{\"uops\":" + std::to_string(D.NumMicroOps) + ",\"latency\":" + Cycles(D.MaxLatency) + ",\"writes\":[" + W +
         "],\"reads\":[" + R + "],\"resources\":[" + Res + "],\"buffers\":[" + maskList(C, D.UsedBuffers) +
         "],\"groups\":[" + maskList(C, D.UsedProcResGroups) + "],\"flags\":[" + Flags + "]}";
}

static Core makeCore(const Toolkit &K, const std::string &Name) {
  Core C;
  C.STI.reset(K.T->createMCSubtargetInfo(Triple_, Name, "+all"));
  C.IM = std::make_unique<mca::InstrumentManager>(*C.STI, *K.MCII);
  C.Masks.resize(C.STI->getSchedModel().getNumProcResourceKinds());
  mca::computeProcResourceMasks(C.STI->getSchedModel(), C.Masks);
  return C;
}

// Lines `record CORE NUMBER JSON` when a record is met first; then per text
// `form LINE <tab> OPCODE <tab> reads <tab> writes <tab> one record number per core, - for refused`, or `refused LINE`.
static void records(Toolkit &K) {
  std::vector<Core> All;
  for (const std::string &Name : Cores) All.push_back(makeCore(K, Name));
  int Line = 0;
  for (std::string Text; std::getline(std::cin, Text); Line++) {
    MCInst Inst;
    if (!K.parse(Text, Inst)) {
      std::cout << "refused " << Line << "\n";
      continue;
    }
    std::string Reads, Writes, Numbers;
    for (size_t I = 0; I < All.size(); I++) {
      std::string R, W, Record = recordOf(K, All[I], Inst, R, W);
      if (I) Numbers += ",";
      if (Record == "refused") {
        Numbers += "-";
        continue;
      }
      if (!Reads.empty() && Reads != R) std::cerr << "reads differ between cores: " << Text << "\n";
      Reads = R;
      Writes = W;
      auto [At, New] = All[I].Records.try_emplace(Record, All[I].Records.size());
      if (New) std::cout << "record " << Cores[I] << " " << At->second << " " << Record << "\n";
      Numbers += std::to_string(At->second);
    }
    std::cout << "form " << Line << "\t" << K.MCII->getName(Inst.getOpcode()).str() << "\t" << Reads << "\t" << Writes
              << "\t" << Numbers << "\n";
  }
}

static void models(Toolkit &K) {
  for (const std::string &Name : Cores) {
    Core C = makeCore(K, Name);
    const MCSchedModel &SM = C.STI->getSchedModel();
    std::cout << "{\"core\":\"" << Name << "\",\"processorId\":" << SM.getProcessorID() << ",\"outOfOrder\":"
              << (SM.isOutOfOrder() ? "true" : "false") << ",\"width\":" << SM.IssueWidth << ",\"buffer\":"
              << SM.MicroOpBufferSize << ",\"mispredictCycles\":" << SM.MispredictPenalty << ",\"loadCycles\":"
              << SM.LoadLatency << ",\"cpus\":[";
    bool FirstName = true;
    for (const SubtargetSubTypeKV &P : C.STI->getAllProcessorDescriptions())
      if (P.SchedModel->getProcessorID() == SM.getProcessorID()) {
        std::cout << (FirstName ? "\"" : ",\"") << P.Key << "\"";
        FirstName = false;
      }
    std::cout << "],\"extra\":";
    if (SM.hasExtraProcessorInfo()) {
      const MCExtraProcessorInfo &E = SM.getExtraProcessorInfo();
      std::cout << "[" << E.ReorderBufferSize << "," << E.MaxRetirePerCycle << "," << E.NumRegisterFiles << ","
                << E.LoadQueueID << "," << E.StoreQueueID << "]";
    } else
      std::cout << "null";
    std::cout << ",\"resources\":[";
    for (unsigned I = 1; I < C.Masks.size(); I++) {
      const MCProcResourceDesc &P = *SM.getProcResource(I);
      std::cout << (I > 1 ? "," : "") << "{\"name\":\"" << P.Name << "\",\"units\":" << P.NumUnits << ",\"buffer\":"
                << P.BufferSize << ",\"super\":" << P.SuperIdx << ",\"mask\":" << C.Masks[I] << ",\"members\":[";
      if (P.SubUnitsIdxBegin)
        for (unsigned J = 0; J < P.NumUnits; J++) std::cout << (J ? "," : "") << P.SubUnitsIdxBegin[J];
      std::cout << "]}";
    }
    std::cout << "]}\n";
  }
}

int main(int Argc, char **Argv) {
  std::string Mode = Argc > 1 ? Argv[1] : "";
  for (int I = 2; I < Argc; I++) Cores.push_back(Argv[I]);
  Toolkit K;
  if (Mode == "siblings") siblings(K);
  else if (Mode == "records") records(K);
  else if (Mode == "models") models(K);
  else {
    std::cerr << "costRecords siblings|records|models [CORE...]\n";
    return 2;
  }
  return 0;
}
